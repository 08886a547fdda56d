import { type ClusterSpec, planCluster } from "../../cluster/index.ts";
import { engineAddress } from "../../cluster/placement/engine-address.ts";
import { containerExec } from "../engine/container-exec.ts";
import { mayRotate } from "./may-rotate.ts";

/** For a leader to be there: it may be another one just now. */
const DEADLINE_MS = 30_000;

/**
 * Whether the passwords of a running cluster may be rotated now, from one specification to another.
 *
 * @throws ActionError as `mayRotate` does, with what to do first.
 */
export async function checkRotation(
  { rotation: older }: ClusterSpec,
  after: ClusterSpec,
  signal: AbortSignal,
): Promise<void> {
  const { rotation: newer } = after;
  const { logins, proxies, zones } = planCluster(after);
  const { application, etcd: _user, ...own } = logins.current;
  // Also those that a change takes away: one of them may lead.
  const members = proxies[0]?.servers ?? [];
  const asking = {
    members: members.map(({ name }) => name),
    execOn: (name: string) => {
      const { zone } = members.find((member) => member.name === name) ?? {};
      const { host = "", certificates } = zones.find((one) => one.name === zone) ?? {};
      return containerExec(engineAddress(host, certificates));
    },
    deadlineMs: DEADLINE_MS,
    signal,
  };
  if (newer.passwords !== older.passwords) {
    const remedy = `Set rotation.passwords back to ${older.passwords}, run \`pulumi up\`, and raise it when that has succeeded`;
    await mayRotate({ ...asking, roles: Object.values(own), remedy });
  }
  if (newer.application !== older.application) {
    const remedy = `Set rotation.application back to ${older.application} and rotation.formerApplication to closed, run \`pulumi up\`, and raise it then`;
    await mayRotate({ ...asking, roles: [application], remedy });
  }
}
