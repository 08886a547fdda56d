import {
  type ClusterPlan,
  containerPaths,
  dcsConfigKey,
  dcsNamespace,
  etcdUser,
  renderEtcd,
} from "../cluster/index.ts";
import type { Base } from "./base.ts";
import { restUrlOf } from "./members.ts";
import { DynamicSettings } from "./resources/dynamic-settings.ts";
import { EtcdAccess } from "./resources/etcd-access.ts";
import { restUser } from "./secrets.ts";

/** The etcd cluster; nobody but the user of this incarnation gets at its keys from then on. */
export function makeVoters({ plan, platform, incarnation, secrets, identities, within }: Base): EtcdAccess {
  const voters = plan.voters.map((voter) => {
    const content = incarnation.apply((token) => renderEtcd(plan, voter, token));
    const configuration = { path: containerPaths.voterConfig, content };
    return platform.voter(voter, configuration, identities.issue(voter.name, voter.certificate, "usual"))
      .resource;
  });
  return new EtcdAccess(
    `${plan.cluster}-etcd-access`,
    {
      endpoints: voterUrls(plan),
      access: identities.access,
      rootPassword: secrets["etcd-root"],
      user: etcdUser,
      password: secrets.etcd,
      prefix: incarnation.apply(dcsNamespace),
    },
    { ...within, dependsOn: voters },
  );
}

/** In the DCS before the first member starts, so that it bootstraps with the right values. */
export function makeSettings(
  { plan, incarnation, secrets, identities, within }: Base,
  store: EtcdAccess,
): DynamicSettings {
  const members = plan.members.map((member) => {
    return { name: member.name, restUrl: restUrlOf(member), ...member.postgres };
  });
  return new DynamicSettings(
    `${plan.cluster}-settings`,
    {
      settings: plan.settings,
      dcsKey: incarnation.apply((token) => dcsConfigKey(plan, token)),
      voters: voterUrls(plan),
      members,
      access: identities.access,
      etcdUser,
      etcdPassword: secrets.etcd,
      restUser,
      restPassword: secrets.rest,
      operatorPassword: secrets.operator,
    },
    { ...within, dependsOn: store },
  );
}

/** Where clients of etcd ask. */
export function voterUrls({ voters }: ClusterPlan): readonly string[] {
  return voters.map(({ client }) => `https://${client.host}:${client.port}`);
}
