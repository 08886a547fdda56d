import type * as pulumi from "@pulumi/pulumi";
import { archivePrefix, type ReplicaPlan } from "../cluster/index.ts";
import type { Archive } from "./archive.ts";
import type { Base, LeaderBase } from "./base.ts";
import { synchronousStandbysOf } from "./cluster-outputs.ts";
import { membersOnEngines } from "./members.ts";
import { FirstBackup } from "./resources/first-backup.ts";
import { Following } from "./resources/following.ts";
import { Readiness } from "./resources/readiness.ts";
import { Roles } from "./resources/roles.ts";
import { restUser } from "./secrets.ts";
import { restUrlOf } from "./urls.ts";

/** What the leader has to have come to before anything else: a copy of the data, and a connection to where it is from. */
export function makeFollowing(
  base: LeaderBase,
  followed: string,
  after: readonly pulumi.Resource[],
): Following {
  const { plan, identities, within } = base;
  const { access } = identities;
  const args = { cluster: plan.cluster, members: membersOnEngines(base), access, followed };
  return new Following(`${plan.cluster}-following`, args, { ...within, dependsOn: [...after] });
}

/** As soon as somebody leads, while the standbys are still made. */
export function makeRoles(base: LeaderBase, after: readonly pulumi.Resource[]): Roles {
  const { plan, secrets, identities, within } = base;
  const { application, operator, standby, rewind } = plan.logins.current;
  return new Roles(
    `${plan.cluster}-roles`,
    {
      cluster: plan.cluster,
      members: membersOnEngines(base),
      access: identities.access,
      application: plan.application,
      names: { application, operator, standby, rewind },
      logins: { application: secrets.application, operator: secrets.operator },
    },
    { ...within, dependsOn: [...after] },
  );
}

/** When every standby streams, every read replica serves, and as many are synchronous as were asked for. */
export function makeReadiness(
  { plan, incarnation, secrets, identities, within }: Base,
  after: readonly pulumi.Resource[],
): Readiness {
  return new Readiness(
    `${plan.cluster}-ready`,
    {
      cluster: plan.cluster,
      incarnation,
      strict: plan.settings.synchronous_mode_strict,
      members: plan.members.map((member) => ({ name: member.name, restUrl: restUrlOf(member) })),
      ...(plan.replicas.length === 0 ? {} : { replicas: plan.replicas.map(replicaToAsk) }),
      synchronousStandbys: synchronousStandbysOf(plan),
      access: identities.access,
      restUser,
      restPassword: secrets.rest,
    },
    { ...within, dependsOn: [...after] },
  );
}

function replicaToAsk(replica: ReplicaPlan) {
  const { name, applyDelaySeconds: delay } = replica;
  return { name, restUrl: restUrlOf(replica), ...(delay === undefined ? {} : { applyDelaySeconds: delay }) };
}

/** Made while the standbys are: it needs the leader alone. */
export function makeFirstBackup(
  base: Base,
  { bucket, key, ca }: Archive,
  after: readonly pulumi.Resource[],
): FirstBackup {
  const { plan, incarnation, identities, within } = base;
  const { endpoint, region } = plan.archive;
  const prefix = incarnation.apply((token) => archivePrefix(plan, token));
  const trusted = ca === undefined ? {} : { ca };
  const { access } = identities;
  return new FirstBackup(
    `${plan.cluster}-first-backup`,
    {
      members: membersOnEngines(base),
      access,
      endpoint,
      region,
      bucket: plan.archive.bucket,
      prefix,
      ...key,
      ...trusted,
    },
    { ...within, dependsOn: [bucket, ...after] },
  );
}
