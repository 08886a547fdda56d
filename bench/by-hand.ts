import type Docker from "dockerode";
import { connectEngine } from "../toolchain/engine.ts";

const engine = connectEngine();

/** What somebody would type to make the same cluster with plain Docker. */
export interface Recorded {
  readonly network: Docker.NetworkCreateOptions;
  readonly volumes: readonly string[];
  /** In the order in which Pulumi made them. */
  readonly containers: readonly RecordedContainer[];
}

interface RecordedContainer {
  readonly options: Docker.ContainerCreateOptions;
  /** Configuration files that Pulumi uploaded before the start, as tar archives by folder. */
  readonly files: readonly { readonly folder: string; readonly archive: Buffer }[];
}

/** The files that parts get by upload. */
const UPLOADED = ["/etc/etcd/etcd.yml", "/etc/haproxy/haproxy.cfg", "/etc/keepalived/keepalived.conf"];

/** Reads from the engine how a cluster's parts were made. */
export async function recordParts(cluster: string): Promise<Recorded> {
  const filters = { label: [`pulumi-spilo.cluster=${cluster}`] };
  const [network] = await engine.listNetworks({ filters });
  if (!network) throw new Error(`no network of cluster ${cluster}`);
  const listed = await engine.listContainers({ all: true, filters });
  const inspected = await Promise.all(listed.map(({ Id }) => engine.getContainer(Id).inspect()));
  const ordered = inspected.toSorted((a, b) => a.Created.localeCompare(b.Created));
  return {
    network: { Name: network.Name, IPAM: network.IPAM },
    volumes: ordered.flatMap(({ Mounts }) => Mounts.flatMap(({ Name }) => Name ?? [])),
    containers: await Promise.all(
      ordered.map(async (one) => ({ options: optionsOf(one), files: await filesOf(one.Id) })),
    ),
  };
}

function optionsOf({
  Name,
  Config,
  HostConfig,
  Image,
  NetworkSettings,
}: Docker.ContainerInspectInfo): Docker.ContainerCreateOptions {
  const [[network = "", settings] = []] = Object.entries(NetworkSettings.Networks);
  return {
    name: Name.slice(1),
    Image,
    Hostname: Config.Hostname,
    Env: Config.Env,
    Cmd: Config.Cmd,
    HostConfig: { ...HostConfig, NetworkMode: network },
    NetworkingConfig: {
      EndpointsConfig: { [network]: { IPAMConfig: { IPv4Address: settings?.IPAddress ?? "" } } },
    },
  };
}

async function filesOf(id: string): Promise<{ folder: string; archive: Buffer }[]> {
  const found = await Promise.all(
    UPLOADED.map(async (path) => {
      const stream = await engine
        .getContainer(id)
        .getArchive({ path })
        .catch(() => undefined); // another part's file
      if (stream === undefined) return [];
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk));
      return [{ folder: path.slice(0, path.lastIndexOf("/")), archive: Buffer.concat(chunks) }];
    }),
  );
  return found.flat();
}

/** Makes the parts again, one after the other, as a script would. */
export async function createByHand(recorded: Recorded): Promise<void> {
  await engine.createNetwork(recorded.network);
  for (const name of recorded.volumes) await engine.createVolume({ Name: name });
  for (const { options, files } of recorded.containers) {
    const container = await engine.createContainer(options);
    for (const { folder, archive } of files) await container.putArchive(archive, { path: folder });
    await container.start();
  }
}

export async function removeByHand(recorded: Recorded): Promise<void> {
  await Promise.all(
    recorded.containers.map(({ options }) => engine.getContainer(options.name ?? "").remove({ force: true })),
  );
  await Promise.all(recorded.volumes.map((name) => engine.getVolume(name).remove()));
  await engine.getNetwork(recorded.network.Name).remove();
}
