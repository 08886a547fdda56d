import type { StandbyPlan } from "../plan-types.ts";
import { containerPaths, identityPath } from "../render/container-paths.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { JsonObject } from "../settings/merge-patch.ts";

/** What a cluster follows; nothing where it leads by itself. */
export function planStandby({ standbyOf }: ClusterSpec): { readonly standby?: StandbyPlan } {
  if (standbyOf === undefined) return {};
  const { cluster, host, incarnation, bucket, endpoint, region, ca } = standbyOf;
  const archive =
    incarnation === undefined || endpoint === undefined
      ? undefined
      : {
          ...{ cluster, incarnation, bucket, region, endpoint: endpoint.replace(/\/$/, "") },
          ...(ca === undefined ? {} : { ca }),
        };
  return {
    standby: {
      cluster,
      ...(host === undefined ? {} : { source: sourceOf(host) }),
      ...(archive === undefined ? {} : { archive }),
    },
  };
}

/** @param written `host:port`, or several hosts with one port: `10.1.0.10,10.2.0.10:5000`. */
export function sourceOf(written: string): NonNullable<StandbyPlan["source"]> {
  const [, hosts = "", port = "5432"] = /^(.*):(\d+)$/.exec(written) ?? [];
  return { hosts: hosts.split(","), port: Number(port) };
}

/**
 * What Patroni's `/config` says of a cluster that follows another one. As long as `standby_cluster` is there, its leader
 * streams from the other cluster, or replays the other one's archive, and takes no writes.
 *
 * There is no slot on the other side: one that nobody reads would fill the disk there, and slots do not outlive a failover
 * by themselves. A standby cluster that has stayed away for longer than `wal_keep_size` reads the archive, or is copied anew.
 *
 * @see https://patroni.readthedocs.io/en/latest/standby_cluster.html
 */
export function followingSettings({ cluster, source, archive }: StandbyPlan): JsonObject {
  const fromOrigin = `bash ${identityPath("fromOrigin")}`;
  const copy = `${fromOrigin} base --scope ${cluster} --datadir ${containerPaths.memberData}/pgroot/data`;
  // Not beyond the point where a newer timeline has begun. There is no history of Patroni's to ask for that.
  const wal = `ARCHIVE_ENVIRONMENT=/ bash ${identityPath("restoreWal")} "%f" "%p" - ${fromOrigin} follow`;
  const methods = [
    ...(source === undefined ? [] : ["basebackup"]),
    ...(archive === undefined ? [] : [ARCHIVE_METHOD]),
  ];
  return {
    standby_cluster: {
      ...(source === undefined ? {} : { host: source.hosts.join(","), port: source.port }),
      ...(archive === undefined ? {} : { restore_command: wal }),
      create_replica_methods: methods,
    },
    ...(archive === undefined
      ? {}
      : {
          postgresql: { [ARCHIVE_METHOD]: { command: copy, no_leader: true, no_params: true } },
        }),
  };
}

/** How a copy is made of a base backup in the other cluster's archive: a name for Patroni. */
const ARCHIVE_METHOD = "from_origin";
