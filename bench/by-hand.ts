import type Docker from "dockerode";
import type { ClusterAccess } from "../actions/access.ts";
import { type ArchivedFile, packFiles, unpackFiles } from "../actions/engine/tar-archive.ts";
import { unlessStatus } from "../actions/engine/unless-status.ts";
import { type EtcdAuthOptions, ensureEtcdAuth } from "../actions/etcd/etcd-auth.ts";
import { containerPaths, identityFiles } from "../cluster/render/container-paths.ts";
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
  /** Certificates and configuration, which are there before the start. */
  readonly identity: Identity;
}

interface Identity {
  readonly volume: string;
  readonly files: readonly ArchivedFile[];
}

/** Where a volume is mounted while it is filled. */
const FOLDER = "/identity";

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
      ordered.map(async (one) => ({ options: optionsOf(one), identity: await identityOf(one) })),
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

async function identityOf({ Id, Name, Mounts }: Docker.ContainerInspectInfo): Promise<Identity> {
  const mount = Mounts.find(({ Destination }) => Destination === containerPaths.identity);
  if (mount?.Name === undefined) throw new Error(`${Name} has no volume at ${containerPaths.identity}`);
  return { volume: mount.Name, files: await filesOf(Id) };
}

/** The files of a container's identity, named as in their folder. */
async function filesOf(container: string): Promise<readonly ArchivedFile[]> {
  const archive = await engine.getContainer(container).getArchive({ path: containerPaths.identity });
  const files = await unpackFiles(archive);
  return files.map((file) => ({ ...file, name: file.name.slice(file.name.indexOf("/") + 1) }));
}

/**
 * What a member shows to others, read from its container. A cluster that is being made has no other certificate that is
 * known outside of it.
 *
 * @throws when the container, or a file in it, is not there (yet).
 */
export async function accessOf(member: string): Promise<ClusterAccess> {
  const files = await filesOf(member);
  const text = (name: string) => {
    const file = files.find((one) => one.name === name);
    if (file === undefined) throw new Error(`${member} has no ${name} yet`);
    return file.content.toString("utf8");
  };
  const { ca, certificate, key } = identityFiles;
  return { ca: text(ca), certificate: text(certificate), privateKey: text(key) };
}

/**
 * Makes the parts again, one after the other, as a script would.
 *
 * @param etcd its users, without whom no member gets in: whoever does it by hand types them too. They are made beside the
 *   members, as etcd takes them when it has a quorum.
 */
export async function createByHand(recorded: Recorded, etcd: EtcdAuthOptions): Promise<void> {
  await engine.createNetwork(recorded.network);
  for (const name of recorded.volumes) await engine.createVolume({ Name: name });
  await Promise.all([ensureEtcdAuth(etcd), startAll(recorded.containers)]);
}

async function startAll(containers: readonly RecordedContainer[]): Promise<void> {
  for (const { options, identity } of containers) {
    await fill(identity, options.Image);
    const container = await engine.createContainer(options);
    await container.start();
  }
}

/** By a container that is never started: the part's own may only read the volume. */
async function fill({ volume, files }: Identity, image: string | undefined): Promise<void> {
  const helper = await engine.createContainer({
    ...(image === undefined ? {} : { Image: image }),
    Entrypoint: ["false"],
    HostConfig: { Binds: [`${volume}:${FOLDER}:nocopy`] },
  });
  await helper.putArchive(await packFiles(files), { path: FOLDER });
  await helper.remove({ v: true });
}

/** Whatever of them is there. */
export async function removeByHand(recorded: Recorded): Promise<void> {
  const { containers, volumes, network } = recorded;
  await Promise.all(
    containers.map(({ options }) =>
      unlessStatus(404, engine.getContainer(options.name ?? "").remove({ force: true })),
    ),
  );
  await Promise.all(volumes.map((name) => unlessStatus(404, engine.getVolume(name).remove())));
  await unlessStatus(404, engine.getNetwork(network.Name).remove());
}
