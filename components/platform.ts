import type * as pulumi from "@pulumi/pulumi";
import type { BucketServerPlan, ProxyPlan, ServerPartPlan, VoterPlan } from "../cluster/index.ts";
import type { IdentifiedParts, IdentityFiles } from "./identity.ts";
import type { Orders } from "./orders.ts";

/** A part that runs. */
export interface Part {
  /** What others depend on when they need it to be there. */
  readonly resource: pulumi.Resource;
  /** Another value means that it was replaced. */
  readonly identity: pulumi.Output<string>;
  readonly files: FilesPlace;
}

/** The stack's own S3 server. */
export interface BucketServer extends Part {
  /** The real name of the volume that the buckets are on. */
  readonly data: pulumi.Output<string>;
}

/** Where the files are that a part is made with: its certificate, and its configuration. */
interface FilesPlace {
  /** Where actions reach the engine that has them. */
  readonly engine: string;
  /** The part's image. */
  readonly image: pulumi.Output<string>;
  /** The volume's real name. */
  readonly volume: pulumi.Output<string>;
}

/** An environment variable whose value may be known later, or be secret. */
export interface Variable {
  readonly name: string;
  readonly value: pulumi.Input<string>;
}

/** A configuration that a container is made with. Another one replaces the container. */
export interface ConfigurationFile {
  /** Its path in the container, below `containerPaths.identity`. */
  readonly path: string;
  readonly content: pulumi.Input<string>;
  /** What of it replaces the container when it changes. @default all of it */
  readonly replacedBy?: pulumi.Input<string>;
  /** Of a file that holds a secret and so is readable for root alone: the same without the secret. */
  readonly withoutSecret?: pulumi.Input<string>;
}

/** What opens an S3 server. */
export interface StoreKey {
  readonly accessKey: pulumi.Input<string>;
  /** Kept as a secret, whatever form it comes in. */
  readonly secretKey: pulumi.Input<string>;
}

/** Whoever asks is known by other means, and finds what to show by itself. */
export const noKey: StoreKey = { accessKey: "", secretKey: "" };

/**
 * Makes the resource that a part waits for before it is made or replaced.
 *
 * @param made another text whenever the part is to be made of something else; it says nothing of what that is.
 */
export type TakeTurn = (made: pulumi.Output<string>) => pulumi.Resource;

/** How a member is gone about that may have to be taken away. */
interface Steps {
  readonly turn: TakeTurn;
  /** For a member that an update has left over of which no state knows: gets it ready to be removed. */
  leave(): Promise<void>;
  /** What the pool beside it is made with; absent: the plan has none there. */
  readonly pooler?: readonly ConfigurationFile[];
}

/** What has to be there before a part is made or replaced; which that is may only be known when the update runs. */
export type After = pulumi.Input<readonly pulumi.Resource[]>;

/** What a platform may look at before anything is made, and have all that is declared from then on wait for. */
export interface Beginning {
  readonly orders: Pick<Orders, "reach">;
  /** @param until comes when it may go on, and fails when it may not. */
  hold(until: pulumi.Output<pulumi.Resource[]>): void;
}

/**
 * What a platform knows: how to make the parts that the plan names, in the network that they share. It decides
 * nothing: every name, address, port and file is handed in.
 */
export interface Platform {
  /**
   * Each part is made with its identity, which is renewed without replacing it.
   *
   * @param after what has to be there before it is made or replaced.
   */
  voter(
    plan: VoterPlan,
    configuration: ConfigurationFile,
    identity: IdentityFiles,
    after: After,
    turn: TakeTurn,
  ): Part;
  member(
    plan: ServerPartPlan,
    environment: readonly Variable[],
    identity: IdentityFiles,
    after: After,
    steps: Steps,
  ): Part;
  proxy(
    plan: ProxyPlan,
    configuration: readonly ConfigurationFile[],
    identity: IdentityFiles,
    after: After,
  ): Part;
  /** @param user whose password is among the files of the identity. */
  bucketServer(plan: BucketServerPlan, user: pulumi.Input<string>, identity: IdentityFiles): BucketServer;
  /** The platform's own bucket, whose door no key opens; absent: the bucket is in an S3 server. */
  readonly bucket?: pulumi.CustomResource;
  /** By what actions reach the parts: `cluster/placement/way.ts`. Absent: directly. */
  readonly way?: pulumi.Output<string>;
  /** All parts that are known by a certificate, once all are declared. */
  readonly identified: IdentifiedParts;
  /** Where actions reach the engine that runs a part. */
  engineOf(part: { readonly name: string; readonly zone: string }): string;
  /** Limits that can only be set on what exists: called when all parts are declared. */
  limitProcesses(): void;
}
