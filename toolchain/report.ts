import { findCluster, isLeader } from "../actions/patroni/find-cluster.ts";
import type { ClusterMember, ClusterView } from "../actions/patroni/patroni-client.ts";
import { type Proof, prove } from "../actions/proof.ts";
import { type ClusterOutputs, patroniOf } from "./outputs.ts";

/**
 * Prints who is who, the proof, what the cluster survives, and how to go on.
 *
 * @param recovery how soon a lost leader is replaced, as a sentence.
 */
export async function report(
  outputs: ClusterOutputs,
  { stack, recovery }: { readonly stack: string; readonly recovery: string },
): Promise<void> {
  const restUrls = outputs.members.map(({ restUrl }) => restUrl);
  const { view } = await findCluster(patroniOf(outputs), restUrls);
  // Nothing can be written where another cluster is followed.
  const follows = view.members.some(({ role }) => role === "standby_leader");
  const seen = follows
    ? ["follows   another cluster, until `spiloctl promote`"]
    : proofLines(await prove(proofTarget(outputs, view)), outputs);
  console.log(`\n${membersTable(view)}\n`);
  for (const line of seen) console.log(`  ${line}`);
  console.log(`  survives  ${outputs.survives.join(", ")}`);
  console.log(`  recovery  ${recovery}`);
  const option = stack === "dev" ? "" : ` --stack ${stack}`;
  console.log(`\n  psql "$(./run uri${option})"        ./run down${option}\n`);
}

/** One line a member: name, role, address, and the timeline or the lag. */
function membersTable(view: ClusterView): string {
  const rows = view.members
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map((member) => [member.name, roleWord(member), member.state, member.host ?? "", position(member)]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

/** Patroni's roles in the words that its documentation uses. */
function roleWord({ role }: ClusterMember): string {
  const words: Record<string, string> = { sync_standby: "sync standby", quorum_standby: "quorum" };
  return words[role] ?? role;
}

function position(member: ClusterMember): string {
  return isLeader(member) ? `timeline ${member.timeline}` : `lag ${member.lag ?? "unknown"} B`;
}

function proofLines(proof: Proof, { endpoint, archive }: ClusterOutputs): string[] {
  const address = `${endpoint.address}:${endpoint.readWritePort}`;
  const read =
    proof.readOn.length === 0
      ? ""
      : `, read on ${proof.readOn.join(" and ")} in ${Math.round(proof.replicationMs)} ms`;
  return [
    `proof     row written through ${address}${read}`,
    `          its WAL is archived; first base backup ${megabytes(archive.firstBackupBytes)} in s3://${archive.bucket}/${archive.prefix}`,
  ];
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function proofTarget(outputs: ClusterOutputs, view: ClusterView): Parameters<typeof prove>[0] {
  const { endpoint, members, archive, credentials } = outputs;
  const leaders = new Set(view.members.filter(isLeader).map(({ name }) => name));
  const standbys = members.filter(({ name }) => !leaders.has(name));
  const { access, operator: login } = credentials;
  return {
    access,
    endpoint: { host: endpoint.address, port: endpoint.readWritePort, ...login },
    standbys: standbys.map(({ name, address, postgresPort }) => ({
      name,
      host: address,
      port: postgresPort,
      ...login,
    })),
    archive: { ...credentials.archive, ...archive },
  };
}
