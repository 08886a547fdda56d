import type * as pulumi from "@pulumi/pulumi";
import type { CertificatePlan } from "../../cluster/index.ts";
import type { IdentityArgs, IdentityFile } from "./identity.ts";

/** A part that is known by a certificate, and asks others for theirs. */
export interface TrustingPart extends Pick<IdentityArgs, "part" | "engine" | "image" | "volume" | "served"> {
  /** How a running container is told of new files. @default it need not be told, or has to be restarted */
  readonly reload?: NonNullable<IdentityArgs["reload"]>;
  /**
   * When it looks at whom it trusts. `start`: when it starts, and never again. `certificate`: at a reload for which it has
   * another certificate. `reload`: at every one.
   */
  readonly reads: "start" | "certificate" | "reload";
  /** What its certificate says. */
  readonly certificate: CertificatePlan;
  /** How long that is valid. */
  readonly days: number;
}

/** The same with the files that it is to have: not known before they are signed. */
export interface DistrustingPart extends TrustingPart {
  /** By file name. */
  readonly files: Readonly<Record<string, IdentityFile>>;
}

/** Both as PEM. */
export interface AuthorityInput {
  readonly certificate: pulumi.Input<string>;
  readonly privateKey: pulumi.Input<string>;
}
