import type { ClusterAccess } from "../../actions/access.ts";
import {
  type CertifiedKey,
  issueCertificate,
  makeAuthority,
} from "../../actions/certificates/certificates.ts";
import type { PartVolume } from "../../actions/engine/part-files.ts";
import { ensureEtcdAuth } from "../../actions/etcd/etcd-auth.ts";
import type { VoterPlace } from "../../actions/voters/has-joined.ts";
import { type CertificatePlan, type ClusterPlan, renderEtcd, type VoterPlan } from "../../cluster/index.ts";
import { planOf } from "../render/plans.ts";
import { hardened } from "./hardened.ts";
import { docker, makeStage, ready, type Stage } from "./stage.ts";

export const passwords = { root: "root-4e1c", user: "patroni-90ab" } as const;

/** Below which the user may read and write. */
export const prefix = "/spilo-1a2b3c4d/";

type PlacedVoter = VoterPlace & { readonly engine: string };

/** An etcd cluster of three, as the components make it: with certificates, passwords, and a volume each. */
export interface ThreeVoters {
  readonly voters: readonly PlacedVoter[];
  /** The last of them as it would be in another zone: under another name, elsewhere. Nobody has started it. */
  readonly moved: PlacedVoter;
  readonly access: ClusterAccess;
  /** Where a voter's files are. */
  filesOf(voter: string): PartVolume;
  configurationOf(voter: string): string;
  /** Starts a voter's container with its declared configuration, on the volumes that are there. */
  start(voter: string): Promise<void>;
  /** Takes a voter's container and its data volume away. */
  lose(voter: string): Promise<void>;
  remove(): Promise<void>;
}

const engine = "unix:///var/run/docker.sock";

/** Starts all of them, and turns authentication on. */
export async function startThreeVoters(): Promise<ThreeVoters> {
  const subnet = `10.214.${1 + Math.floor(Math.random() * 250)}.0/24`;
  const stage = await makeStage("voters", subnet);
  try {
    const plan = planOf({ name: stage.network, network: { subnet } });
    const three = await voters(stage, plan);
    await Promise.all(plan.voters.map(({ name }) => three.start(name)));
    await ensureEtcdAuth({
      endpoints: three.voters.map(({ url }) => url),
      access: three.access,
      rootPassword: passwords.root,
      user: "patroni",
      password: passwords.user,
      prefix,
      deadlineMs: 30_000,
    });
    return three;
  } catch (error) {
    await stage.remove();
    throw error;
  }
}

async function voters(stage: Stage, plan: ClusterPlan): Promise<ThreeVoters> {
  const authority = await makeAuthority({ commonName: "three voters", years: 1, now: new Date() });
  const image = await ready("etcd");
  const issue = (to: CertificatePlan) => issueCertificate({ authority, ...to, days: 1, now: new Date() });
  const partOf = (voter: string) => voter.slice(stage.network.length + 1);
  const moved = inAnotherZone(plan.voters[2]);
  const planWith = (name: string) =>
    name === moved.name ? { ...plan, voters: [...plan.voters.slice(0, 2), moved] } : plan;
  const planOfVoter = (name: string): VoterPlan => {
    const voter = [...plan.voters, moved].find((one) => one.name === name);
    if (voter === undefined) throw new Error(`there is no voter ${name}`);
    return voter;
  };
  const configurationOf = (name: string) => renderEtcd(planWith(name), planOfVoter(name), incarnation);
  for (const { name, certificate } of [...plan.voters, moved]) {
    const files = filesOf(authority, await issue(certificate), configurationOf(name));
    await stage.identity(partOf(name), files);
  }
  const operator = await issue(plan.operator.certificate);
  return {
    voters: plan.voters.map(placeOf),
    moved: placeOf(moved),
    access: { ...operator, ca: authority.certificate },
    filesOf: (voter) => ({ engine, image, volume: stage.nameOf(`${partOf(voter)}-identity`) }),
    configurationOf,
    start: async (voter) => {
      const part = partOf(voter);
      const data = `${await stage.volume(part)}:/var/lib/etcd`;
      const options = ["--ip", planOfVoter(voter).address, "--restart", "always", ...hardened.etcd];
      const volumes = ["--volume", data, ...(await stage.identity(part, {}))];
      const command = ["/usr/local/bin/etcd", "--config-file=/etc/identity/etcd.yml"];
      await stage.start(part, image, [...options, ...volumes], command);
    },
    lose: async (voter) => {
      await docker(["rm", "--force", voter]);
      await docker(["volume", "rm", await stage.volume(partOf(voter))]);
    },
    remove: () => stage.remove(),
  };
}

function placeOf({ name, client, peer }: VoterPlan): PlacedVoter {
  const [url, peerUrl] = [client, peer].map(({ host, port }) => `https://${host}:${port}`);
  return { name, engine, url: url ?? "", peerUrl: peerUrl ?? "" };
}

/** The same voter under another name, at the address after its own. */
function inAnotherZone(voter: VoterPlan | undefined): VoterPlan {
  if (voter === undefined) throw new Error("there is no third voter");
  const address = voter.address.replace(/\d+$/, (number) => String(Number(number) + 1));
  const { certificate, client, peer } = voter;
  const addresses = certificate.addresses.map((one) => (one === voter.address ? address : one));
  return {
    ...voter,
    ...{ name: `${voter.name}-b`, address, certificate: { ...certificate, addresses } },
    client: { ...client, host: address },
    peer: { ...peer, host: address },
  };
}

const incarnation = "1a2b3c4d";

function filesOf(authority: CertifiedKey, { certificate, privateKey }: CertifiedKey, configuration: string) {
  return {
    "ca.crt": { content: authority.certificate, mode: 0o644 },
    "tls.crt": { content: certificate, mode: 0o644 },
    "tls.key": { content: privateKey },
    "etcd.yml": { content: configuration, mode: 0o644 },
  };
}
