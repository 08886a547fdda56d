import * as pulumi from "@pulumi/pulumi";
import {
  type ArchivedCluster,
  type BucketPlan,
  type ClusterPlan,
  fromOrigin,
  identityFiles,
  isOpenByRole,
  type Origin,
  renderOriginEnv,
} from "../cluster/index.ts";
import type { IdentityFiles } from "./identity.ts";
import { noKey, type StoreKey } from "./platform.ts";
import { Incarnation } from "./resources/incarnation.ts";

/** One life of a cluster, and how it began. */
export interface Begun {
  /** The incarnation. */
  readonly token: pulumi.Output<string>;
  /** The archive that it was made from; undefined: it was empty. It stays when the specification does not name it any more. */
  readonly origin: pulumi.Output<Origin | undefined>;
  /** What members read that archive with; none when the specification does not name it. */
  readonly originFiles: IdentityFiles;
  /** The archive that members are let into by what they are; undefined: none. */
  readonly byRole: pulumi.Output<ArchivedCluster | undefined>;
}

/**
 * The life of a cluster. Where it begins from an archive, that is looked at first: nothing else is made when it does not
 * hold what is asked for.
 *
 * @param key opens that archive.
 */
export function makeIncarnation(
  plan: ClusterPlan,
  key: StoreKey | undefined,
  within: { readonly parent: pulumi.Resource },
): Begun {
  const { cluster, postgresqlVersion, origin: archive, standby } = plan;
  const keyOf = (bucket: BucketPlan | undefined) => key ?? (isOpenByRole(plan, bucket) ? noKey : undefined);
  const opened = keyOf(archive);
  const source = archive && opened && { archive, postgresqlVersion, ...opened };
  const made = new Incarnation(
    `${cluster}-incarnation`,
    { cluster, ...(source === undefined ? {} : { source }) },
    within,
  );
  const origin = made.origin.apply(originOf);
  const begun = (read: pulumi.Output<ArchivedCluster | undefined>, ca?: string, by?: StoreKey): Begun => ({
    ...{ token: made.token, origin },
    originFiles: by === undefined ? {} : filesOf(read, ca, by),
    byRole: by === noKey ? read : pulumi.output(undefined),
  });
  if (source !== undefined) return begun(origin, source.archive.ca, opened);
  if (standby?.archive === undefined) return begun(origin);
  const followed = pulumi.output({ ...standby.archive, postgresqlVersion });
  return begun(followed, standby.archive.ca, keyOf(standby.archive));
}

/** A cluster of an earlier version has none. */
function originOf(found: string | undefined): Origin | undefined {
  return found === undefined || found === "" ? undefined : JSON.parse(found);
}

function filesOf(
  origin: pulumi.Output<ArchivedCluster | undefined>,
  ca: string | undefined,
  { accessKey, secretKey }: StoreKey,
): IdentityFiles {
  const variables = pulumi
    .all([origin, accessKey, secretKey])
    .apply(([found, access, secret]) =>
      found === undefined
        ? ""
        : renderOriginEnv(found, { accessKey: access, secretKey: secret }, ca !== undefined),
    );
  return {
    [identityFiles.fromOrigin]: { content: fromOrigin, mode: 0o644 },
    [identityFiles.originEnv]: { content: pulumi.secret(variables), mode: 0o600 },
    ...(ca === undefined ? {} : { [identityFiles.originCa]: { content: ca, mode: 0o644 } }),
  };
}
