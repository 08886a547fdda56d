import { memberOrder, poolerOrder, voterOrder } from "../../cluster/aws/container-order.ts";
import { renderUserData } from "../../cluster/aws/user-data.ts";
import { type ClusterSpecInput, parseSpec, planCluster } from "../../cluster/index.ts";

/** The user data of a machine, with ids as long as AWS gives them. */
interface MachineUserData {
  readonly part: string;
  readonly kind: "member" | "replica" | "voter";
  readonly text: string;
}

/** Of every machine of a specification, as AWS would be given it. */
export function userDataOf(written: ClusterSpecInput): readonly MachineUserData[] {
  const { cluster, aws, members, replicas, voters } = planCluster(parseSpec(written));
  const orders = new Map(
    [...[...members, ...replicas].map(memberOrder), ...voters.map(voterOrder)].map((order) => [
      order.name,
      order,
    ]),
  );
  return (aws?.machines ?? []).map((machine) => {
    const { part, kind } = machine;
    const order = orders.get(part);
    if (order === undefined) throw new Error(`there is no ${part}`);
    const secret = (what: string) =>
      `arn:aws:secretsmanager:eu-central-1:123456789012:secret:pulumi-spilo/${cluster}/1a2b3c4d/${part}/${what}-AbCdEf`;
    const member = members.find(({ name }) => name === part);
    const pooler = member && poolerOrder(member);
    const facts = {
      ...{ cluster, incarnation: "1a2b3c4d", region: "eu-central-1", bucket: `${cluster}-wal` },
      volume: "vol-0123456789abcdef0",
      ...{ filesSecret: secret("files"), environmentSecret: secret("environment") },
      environmentVersion: "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f",
    };
    const beside = pooler && { order: pooler, filesSecret: secret("pooler") };
    const text = renderUserData(machine, order, facts, beside);
    return { part, kind, text };
  });
}
