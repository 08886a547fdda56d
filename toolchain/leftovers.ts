import type Docker from "dockerode";
import { isDataOf, type VolumeOfPart } from "../actions/engine/data-volume.ts";
import { removeContainer, unlessGone } from "../actions/engine/remove-container.ts";

/** Which stack's parts are meant; every part carries both names as labels for life. */
export interface Owner {
  readonly project: string;
  readonly stack: string;
}

/** Parts on the engine that carry a stack's labels. */
export interface Parts {
  readonly containers: readonly { readonly id: string; readonly name: string }[];
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  readonly volumes: readonly VolumeOfPart[];
}

/** Whether the stack's own S3 server keeps its buckets on it. */
export function holdsBackups(volume: VolumeOfPart): boolean {
  return isDataOf(volume, ["s3"]);
}

/** How long a container may take to end by itself: Patroni hands the leadership over in that time. */
const STOP_GRACE_SECONDS = 30;

/** Everything on the engine that carries the stack's labels, whether or not any state knows of it. */
export async function findParts(engine: Docker, owner: Owner): Promise<Parts> {
  const filters = { label: [`pulumi-spilo.project=${owner.project}`, `pulumi-spilo.stack=${owner.stack}`] };
  const containers = await engine.listContainers({ all: true, filters });
  const networks = await engine.listNetworks({ filters });
  const { Volumes: volumes } = await engine.listVolumes({ filters: JSON.stringify(filters) as never }); // typed as an object, sent as JSON text
  return {
    containers: containers.map((one) => ({ id: one.Id, name: (one.Names[0] ?? one.Id).replace(/^\//, "") })),
    networks: networks.map((one) => ({ id: one.Id, name: one.Name })),
    volumes: (volumes ?? []).map((one) => ({
      name: one.Name,
      part: one.Labels?.["pulumi-spilo.part"] ?? "",
    })),
  };
}

/**
 * Removes containers and networks that a killed update made and no state knows of. Their volumes stay: what is
 * made again takes them over. Returns what was removed.
 */
export async function removeUnknown(
  engine: Docker,
  owner: Owner,
  known: ReadonlySet<string>,
): Promise<string[]> {
  const { containers, networks } = await findParts(engine, owner);
  return await removeParts(engine, {
    containers: containers.filter((one) => !known.has(one.id)),
    networks: networks.filter((one) => !known.has(one.id)),
    volumes: [],
  });
}

/** Removes the given parts, containers first. Returns their names. */
export async function removeParts(engine: Docker, parts: Parts): Promise<string[]> {
  await Promise.all(
    parts.containers.map(({ id }) => removeContainer(engine.getContainer(id), STOP_GRACE_SECONDS)),
  );
  await Promise.all(parts.networks.map(({ id }) => engine.getNetwork(id).remove().catch(unlessGone)));
  await Promise.all(parts.volumes.map(({ name }) => engine.getVolume(name).remove().catch(unlessGone)));
  return [...parts.containers, ...parts.networks, ...parts.volumes].map((one) => one.name);
}
