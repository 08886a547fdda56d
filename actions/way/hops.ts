import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import type { OwnMachinesWay, Way } from "../../cluster/placement/way.ts";
import { reasonOf } from "../action-error.ts";

/** A machine that ssh logs in to, and from which the parts of a cluster are reached. */
export interface Hop {
  /** For a person. */
  readonly name: string;
  readonly host: string;
  readonly user: string;
  readonly port: number;
  /** Of ssh, on top of the usual ones. */
  readonly options: Readonly<Record<string, string>>;
}

/**
 * The machines to try, the best one first. Which of a cluster's own are there is asked of AWS, each time: a machine that
 * was replaced meanwhile is another one.
 *
 * @throws Error when AWS does not say, or there is none.
 */
export async function hopsOf(way: Way): Promise<readonly Hop[]> {
  if (way.by === "ssh") {
    const { host, user, port } = way;
    return [{ name: host, host, user, port, options: {} }];
  }
  if ("instance" in way) return [bySession(way.instance, way.instance, way)];
  const found = await runningMachines(way);
  if (found.length === 0) throw new Error(`no machine of ${way.cluster} (${way.incarnation}) runs`);
  // Two are enough to do without one that is just being replaced.
  return found.slice(0, 2).map(({ id, name }) => bySession(id, name, way));
}

/**
 * AWS vouches for the machine at the other end of a session. Its id is never another machine's, so that the key which is
 * seen first stays its own.
 */
function bySession(instance: string, name: string, { user, region }: Way & { by: "ssm" }): Hop {
  const session = "aws ssm start-session --target %h --document-name AWS-StartSSHSession";
  return {
    name: name === instance ? instance : `${name} (${instance})`,
    host: instance,
    user,
    port: 22,
    options: {
      ProxyCommand: `${session} --parameters portNumber=%p --region ${region}`,
      HostKeyAlias: instance,
      StrictHostKeyChecking: "accept-new",
    },
  };
}

const machines = z.array(z.tuple([z.string().regex(/^i-[0-9a-f]+$/), z.string().nullable()]));

const ASK_MS = 15_000;

/** Voters first: none of them leads, and the leader's machine is the one that an update replaces in the end. */
async function runningMachines({ cluster, incarnation, region }: OwnMachinesWay) {
  const filters = [
    `Name=tag:pulumi-spilo.cluster,Values=${cluster}`,
    `Name=tag:pulumi-spilo.incarnation,Values=${incarnation}`,
    "Name=instance-state-name,Values=running",
  ];
  const query = "Reservations[].Instances[].[InstanceId, Tags[?Key=='Name'] | [0].Value]";
  const described = await aws([
    ...["ec2", "describe-instances", "--region", region, "--output", "json"],
    ...["--filters", ...filters, "--query", query],
  ]);
  const found = machines.parse(JSON.parse(described)).map(([id, name]) => ({ id, name: name ?? id }));
  const isVoter = ({ name }: { readonly name: string }) => name.startsWith(`${cluster}-etcd-`);
  return [...found.filter(isVoter), ...found.filter((one) => !isVoter(one))];
}

async function aws(args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)("aws", [...args], { timeout: ASK_MS })).stdout;
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    if (code === "ENOENT") {
      throw new Error("there is no program `aws`: install the AWS CLI and its Session Manager plugin");
    }
    const said = typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr) : "";
    throw new Error(`aws ${args[0]} ${args[1]}: ${said.trim().split("\n").at(-1) || reasonOf(error)}`);
  }
}
