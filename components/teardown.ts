import type * as pulumi from "@pulumi/pulumi";
import { archivePrefix } from "../cluster/index.ts";
import type { Archive } from "./archive.ts";
import type { Base } from "./base.ts";
import { membersOnEngines } from "./members.ts";
import { Guard } from "./resources/guard.ts";

/**
 * The last of a cluster to be made and the first to be deleted.
 *
 * Its name is what a refusal of Pulumi says: there, only the setting that is behind it can be told.
 *
 * @param all everything that goes with the cluster.
 */
export function makeGuard(base: Base, { key, ca, volume }: Archive, all: readonly pulumi.Resource[]): Guard {
  const { plan, incarnation, identities, platform, within } = base;
  const { cluster, archive, teardown, standby } = plan;
  const { endpoint, region, bucket, server } = archive;
  const kept =
    server?.retained && volume !== undefined
      ? { kept: { volume, engine: platform.engineOf(server), image: server.image } }
      : {};
  return new Guard(
    `${cluster}-kept-until-deletionProtection-is-false`,
    {
      cluster,
      // It has nothing of its own, and cannot be written to.
      finalBackup: teardown.finalBackup && standby === undefined,
      members: membersOnEngines(base),
      access: identities.access,
      ...{ endpoint, region, bucket, ...key, ...(ca === undefined ? {} : { ca }), ...kept },
      prefix: incarnation.apply((token) => archivePrefix(plan, token)),
    },
    { ...within, dependsOn: [...all], protect: teardown.protected },
  );
}
