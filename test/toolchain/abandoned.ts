import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { writeMarker } from "../../actions/engine/marker.ts";
import type { MarkedOwner, Marker } from "../../cluster/leases/marker.ts";
import { connectEngine } from "../../toolchain/engine.ts";
import { TINY_IMAGE } from "../conformance/tiny-image.ts";

/** Stand-ins of clusters on the real engine: one container in the place of each that would be there. */
export const engine = "unix:///var/run/docker.sock";

/** All of a test have it in their names. */
export const PREFIX = `sweeptest-${process.pid}`;

const docker = connectEngine();

export function ownerOf(cluster: string, change: Partial<MarkedOwner> = {}): MarkedOwner {
  return {
    project: PREFIX,
    stack: cluster,
    cluster: `${PREFIX}-${cluster}`,
    incarnation: "1a2b3c4d",
    ...change,
  };
}

export async function mark(of: MarkedOwner, change: Partial<Marker> = {}): Promise<void> {
  const since = new Date(Date.now() - 2 * 86_400_000).toISOString();
  const marker: Marker = {
    ttlSeconds: 3600,
    since,
    protected: false,
    engines: [engine],
    engine,
    archives: [],
    owner: "team a",
  };
  await writeMarker({ engine }, of, { ...marker, ...change });
}

function labelsOf(of: Partial<MarkedOwner>, part: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...of, part }).map(([name, value]) => [`pulumi-spilo.${name}`, value]),
  );
}

/** @param labels @default the owner's */
export async function container(
  name: string,
  labels: Record<string, string>,
  { runs = true, network = "none", volumes = [] as readonly string[] } = {},
): Promise<void> {
  const made = await docker.createContainer({
    name,
    Image: TINY_IMAGE,
    Labels: labels,
    // The first process of a container ends by a signal only when it says so.
    Cmd: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.2; done"],
    HostConfig: { NetworkMode: network, Binds: volumes.map((volume) => `${volume}:/data`) },
  });
  if (runs) await made.start();
}

/** What is found where there is no state. */
export const noState = { drop: async () => "no state" };

export async function volume(name: string, labels: Record<string, string>): Promise<void> {
  await docker.createVolume({ Name: name, Labels: labels });
}

/** The cluster's network, which is of no life of it. */
export async function network({ incarnation: _, ...of }: MarkedOwner): Promise<void> {
  await docker.createNetwork({ Name: of.cluster, Labels: labelsOf(of, "network") });
}

/** A member that runs on its volume, in the cluster's network. */
export async function member(of: MarkedOwner, { runs = true } = {}): Promise<void> {
  const data = `${of.cluster}-1-data-${of.incarnation}`;
  await volume(data, labelsOf(of, "member"));
  await network(of);
  await container(`${of.cluster}-1`, labelsOf(of, "member"), { runs, network: of.cluster, volumes: [data] });
}

/** A volume that was left when all else had gone. */
export async function leftVolume(of: MarkedOwner): Promise<void> {
  await volume(`${of.cluster}-2-data-${of.incarnation}`, labelsOf(of, "member"));
}

/** Labels that are ours, but not all of them. */
export function someLabelsOf(of: MarkedOwner): Record<string, string> {
  const { project, cluster } = of;
  return labelsOf({ project, cluster }, "member");
}

/** Everything of this test that the engine has: `container NAME`, `volume NAME`, `network NAME`. */
export async function standing(): Promise<readonly string[]> {
  const [containers, { Volumes }, networks] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listVolumes(),
    docker.listNetworks(),
  ]);
  const names = [
    ...containers.map(({ Names }) => `container ${(Names[0] ?? "").slice(1)}`),
    ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
    ...networks.map(({ Name }) => `network ${Name}`),
  ];
  return names.filter((name) => name.includes(PREFIX)).sort();
}

/** Removes all of it, whatever a test has left. */
export async function removeStanding(): Promise<void> {
  for (const what of ["container", "volume", "network"]) {
    const names = (await standing())
      .filter((one) => one.startsWith(`${what} `))
      .map((one) => one.split(" ")[1] ?? "");
    if (names.length === 0) continue;
    const verb = what === "container" ? ["rm", "--force"] : [what, "rm"];
    await execa("docker", [...verb, ...names], { reject: false });
  }
}

/** A Pulumi backend of this test's own, in the environment of this process. */
export async function ownBackend() {
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}-`));
  await mkdir(join(folder, "program"));
  await writeFile(join(folder, "program", "Pulumi.yaml"), `name: ${PREFIX}\nruntime: nodejs\n`);
  const before = { ...process.env };
  Object.assign(process.env, { PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: "sweep" });
  const pulumi = async (input: string | undefined, ...args: string[]) =>
    (
      await execa("pulumi", [...args, "--non-interactive"], {
        cwd: join(folder, "program"),
        ...(input === undefined ? {} : { input }),
      })
    ).stdout;
  return {
    /** A stack with a cluster, and with what else is said. */
    stack: async ({ project, stack, cluster, incarnation }: MarkedOwner, others: readonly object[] = []) => {
      const name = `organization/${project}/${stack}`;
      await pulumi(undefined, "stack", "init", name);
      const urn = (type: string, one: string) => `urn:pulumi:${stack}::${project}::${type}::${one}`;
      const top = urn("pulumi:pulumi:Stack", `${project}-${stack}`);
      const component = urn("spilo:index:SpiloCluster", "orders");
      const resources = [
        { urn: top, type: "pulumi:pulumi:Stack", custom: false },
        { urn: component, type: "spilo:index:SpiloCluster", custom: false, parent: top, inputs: { cluster } },
        {
          ...{ urn: urn("spilo:index:Incarnation", "orders"), type: "spilo:index:Incarnation" },
          ...{ custom: true, id: incarnation, parent: component },
        },
        ...others.map((one) => ({
          urn: urn("my:index:Thing", "own"),
          type: "my:index:Thing",
          custom: false,
          parent: top,
          ...one,
        })),
      ];
      const empty = JSON.parse(await pulumi(undefined, "stack", "export", "--stack", name));
      const state = { ...empty, deployment: { ...empty.deployment, resources } };
      await pulumi(JSON.stringify(state), "stack", "import", "--stack", name);
    },
    stacks: async (): Promise<readonly string[]> => {
      const listed: { name: string }[] = JSON.parse(
        await pulumi(undefined, "stack", "ls", "--all", "--json"),
      );
      return listed.map(({ name }) => name.split("/").at(-1) ?? "").sort();
    },
    resourcesOf: async ({ project, stack }: MarkedOwner): Promise<readonly string[]> => {
      const name = `organization/${project}/${stack}`;
      const { deployment } = JSON.parse(await pulumi(undefined, "stack", "export", "--stack", name));
      return deployment.resources.map(({ type }: { type: string }) => type);
    },
    dispose: async () => {
      for (const name of ["PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"]) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
