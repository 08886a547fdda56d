/**
 * By what a cluster is reached whose network nobody is let into from where actions run: one connection by ssh, through
 * which everything goes. It is named everywhere by one text, as an engine is:
 *
 * - `ssh://user@host:port`, a bastion;
 * - `ssm://user@region/i-0a1b2c3d`, a machine with a session of AWS Systems Manager;
 * - `ssm://user@region/cluster/incarnation`, any machine of the cluster with one.
 */

/** Such a text, taken apart. */
export type Way =
  | { readonly by: "ssh"; readonly user: string; readonly host: string; readonly port: number }
  | SessionWay
  | OwnMachinesWay;

interface SessionWay {
  readonly by: "ssm";
  readonly user: string;
  readonly region: string;
  readonly instance: string;
}

export interface OwnMachinesWay {
  readonly by: "ssm";
  readonly user: string;
  readonly region: string;
  readonly cluster: string;
  readonly incarnation: string;
}

/** The text for a way. */
export function wayText(way: Way): string {
  if (way.by === "ssh") return `ssh://${way.user}@${way.host}:${way.port}`;
  const where = "instance" in way ? way.instance : `${way.cluster}/${way.incarnation}`;
  return `ssm://${way.user}@${way.region}/${where}`;
}

/** @returns undefined for a text that names none. */
export function parseWay(text: string): Way | undefined {
  const [, by, user = "", rest = ""] = /^(ss[hm]):\/\/([a-z_][a-z0-9_-]*)@(.+)$/.exec(text) ?? [];
  if (by === "ssh") {
    const [, host, port] = /^([A-Za-z0-9][A-Za-z0-9.:-]*):(\d{1,5})$/.exec(rest) ?? [];
    return host === undefined ? undefined : { by, user, host, port: Number(port) };
  }
  const [, region = "", one = "", , incarnation] =
    /^([a-z0-9-]+)\/([a-z0-9-]+)(\/([0-9a-f]{8}))?$/.exec(rest) ?? [];
  if (by !== "ssm" || one === "") return undefined;
  return incarnation === undefined
    ? { by, user, region, instance: one }
    : { by, user, region, cluster: one, incarnation };
}
