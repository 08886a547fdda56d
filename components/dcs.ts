import { basename } from "node:path/posix";
import * as pulumi from "@pulumi/pulumi";
import {
  type Address,
  containerPaths,
  dcsConfigKey,
  dcsNamespace,
  followingSettings,
  renderEtcd,
  type VoterPlan,
} from "../cluster/index.ts";
import type { Base } from "./base.ts";
import { Chain } from "./chain.ts";
import { DynamicSettings } from "./resources/dynamic-settings.ts";
import { EtcdAccess } from "./resources/etcd-access.ts";
import { VoterJoined } from "./resources/voter-joined.ts";
import { VoterTurn } from "./resources/voter-turn.ts";
import { restUser } from "./secrets.ts";
import { restUrlOf, voterUrls } from "./urls.ts";

/**
 * The etcd cluster: voters in a chain, each of which depends on the one before voting, so a change of all of them takes
 * one at a time. Nobody but the user of this incarnation gets at its keys from then on.
 */
export function makeVoters(base: Base): EtcdAccess {
  const { plan, incarnation, secrets, identities, within } = base;
  const chain = new Chain([], pulumi.output(plan.voters.map(({ name }) => name)));
  for (const voter of plan.voters) {
    chain.endsWith(voter.name, makeVoter(base, voter, chain.before(voter.name)));
  }
  return new EtcdAccess(
    `${plan.cluster}-etcd-access`,
    {
      endpoints: voterUrls(plan),
      access: identities.access,
      rootPassword: secrets["etcd-root"],
      user: plan.logins.current.etcd,
      password: secrets.etcd,
      prefix: incarnation.apply(dcsNamespace),
    },
    { ...within, dependsOn: [...chain.all] },
  );
}

/** One voter, with its turn before it; what is returned is there when it votes. */
function makeVoter(base: Base, voter: VoterPlan, after: pulumi.Output<pulumi.Resource[]>): VoterJoined {
  const { plan, platform, incarnation, secrets, identities, within } = base;
  const { name } = voter;
  const { access } = identities;
  const voters = plan.voters.map((one) => {
    const [url, peerUrl] = [urlOf(one.client), urlOf(one.peer)];
    return { name: one.name, engine: platform.engineOf(one), url, peerUrl };
  });
  const whoAnswers = voters.map(({ name, url }) => ({ name, url }));
  const content = incarnation.apply((token) => renderEtcd(plan, voter, token));
  const own = incarnation.apply((token) => renderEtcd({ ...plan, voters: [voter] }, voter, token));
  const part = platform.voter(
    voter,
    // Which voters there were counts at the first start only. Over several zones that is not always the same.
    { path: containerPaths.voterConfig, content, ...(plan.network === undefined ? { replacedBy: own } : {}) },
    identities.issue(name, voter.certificate, "usual"),
    after,
    (made) => {
      const args = { voter: name, engine: platform.engineOf(voter), voters: whoAnswers, made, access };
      return new VoterTurn(`${name}-turn`, args, { ...within, dependsOn: after });
    },
  );
  const { identity: container, files } = part;
  const configuration = { file: basename(containerPaths.voterConfig), content };
  const rootPassword = secrets["etcd-root"];
  const instead = voter.instead.map(urlOf);
  const args = { voter: name, voters, instead, container, access, rootPassword, files, configuration };
  return new VoterJoined(`${name}-joined`, args, within);
}

/** In the DCS before the first member starts, so that it bootstraps with the right values. */
export function makeSettings(
  { plan, incarnation, secrets, identities, within }: Base,
  after: readonly pulumi.Resource[],
): DynamicSettings {
  const members = plan.members.map((member) => {
    return { name: member.name, restUrl: restUrlOf(member), ...member.postgres };
  });
  const { current } = plan.logins;
  return new DynamicSettings(
    `${plan.cluster}-settings`,
    {
      settings: plan.settings,
      ...(plan.standby === undefined ? {} : { follows: followingSettings(plan.standby) }),
      dcsKey: incarnation.apply((token) => dcsConfigKey(plan, token)),
      voters: voterUrls(plan),
      members,
      access: identities.access,
      etcdUser: current.etcd,
      etcdPassword: secrets.etcd,
      restUser,
      restPassword: secrets.rest,
      formerRestPassword: secrets.formerRest,
      operatorUser: current.operator,
      operatorPassword: secrets.operator,
    },
    { ...within, dependsOn: [...after] },
  );
}

function urlOf({ host, port }: Address): string {
  return `https://${host}:${port}`;
}
