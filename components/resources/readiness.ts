import * as pulumi from "@pulumi/pulumi";
import type { AccessInput } from "./access.ts";

export interface ReadinessArgs {
  readonly cluster: string;
  readonly incarnation: pulumi.Input<string>;
  /** From then on no commit is acknowledged without a standby (`synchronous.durability: required`). */
  readonly strict: boolean;
  readonly members: readonly { readonly name: string; readonly restUrl: string }[];
  /** Read replicas. @default none */
  readonly replicas?: readonly {
    readonly name: string;
    readonly restUrl: string;
    /** @default 0 */
    readonly applyDelaySeconds?: number;
  }[];
  /** How many standbys have to take part in synchronous commit. */
  readonly synchronousStandbys: number;
  readonly restUser: pulumi.Input<string>;
  readonly restPassword: pulumi.Input<string>;
  /** Secret. How members are asked. */
  readonly access: AccessInput;
  /** @default 600 */
  readonly deadlineSeconds?: number;
}

/**
 * A cluster that has a leader, all its standbys and read replicas streaming, and enough of them synchronous. Waits for it when made, and
 * when members or replicas are added.
 */
export class Readiness extends pulumi.CustomResource {
  constructor(name: string, args: ReadinessArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = { restPassword: pulumi.secret(args.restPassword), access: pulumi.secret(args.access) };
    super("spilo:index:Readiness", name, { deadlineSeconds: 600, ...args, ...secrets }, opts);
  }
}
