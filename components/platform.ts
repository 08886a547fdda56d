import type * as pulumi from "@pulumi/pulumi";
import type { ArchivePlan, MemberPlan, ProxyPlan, VoterPlan } from "../cluster/index.ts";

/** A part that runs. */
export interface Part {
  /** What others depend on when they need it to be there. */
  readonly resource: pulumi.Resource;
  /** Another value means that it was replaced. */
  readonly identity: pulumi.Output<string>;
}

/** An environment variable whose value may be known later, or be secret. */
export interface Variable {
  readonly name: string;
  readonly value: pulumi.Input<string>;
}

/** A file that a container is made with. */
export interface ConfigurationFile {
  /** Its path in the container. */
  readonly path: string;
  /** One that is secret is readable for root alone. */
  readonly content: pulumi.Input<string>;
  readonly secret?: boolean;
}

/** What opens an S3 server. */
export interface StoreKey {
  readonly accessKey: pulumi.Input<string>;
  /** Kept as a secret, whatever form it comes in. */
  readonly secretKey: pulumi.Input<string>;
}

/** The plan of the stack's own S3 server. */
export type BucketServerPlan = NonNullable<ArchivePlan["server"]>;

/**
 * What a platform knows: how to make the parts that the plan names, in the network that they share. It decides
 * nothing: every name, address, port and file is handed in.
 */
export interface Platform {
  voter(plan: VoterPlan, configuration: pulumi.Input<string>): Part;
  /** @param after what has to be there before it is made or replaced. */
  member(plan: MemberPlan, environment: readonly Variable[], after: readonly pulumi.Resource[]): Part;
  /** @param after what has to be there before it is made or replaced. */
  proxy(plan: ProxyPlan, files: readonly ConfigurationFile[], after: readonly pulumi.Resource[]): Part;
  bucketServer(plan: BucketServerPlan, key: StoreKey): Part;
  /** Where actions reach the engine that runs a zone's parts. */
  engineOf(zone: string): string;
}
