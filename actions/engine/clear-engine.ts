import type Docker from "dockerode";
import type { Clock } from "../wait.ts";
import { askEngine } from "./ask-engine.ts";
import { isDataOf } from "./data-volume.ts";
import { unlessGone } from "./remove-container.ts";

/** What one incarnation of a cluster has on one engine. */
export interface ClusterOnEngine {
  /** The engine's address as the docker provider takes it. */
  readonly engine: string;
  readonly cluster: string;
  readonly incarnation: string;
  readonly project: string;
  readonly stack: string;
  /** Kinds of parts whose data stays. @default none */
  readonly keeps?: readonly string[];
  /** Networks have no incarnation, and another one of the cluster is on them. @default false */
  readonly keepsNetworks?: boolean;
}

/** How much of it there is. */
export interface EngineCounts {
  readonly containers: number;
  readonly volumes: number;
  readonly networks: number;
}

export interface ClearEngineOptions {
  /** Told before anything is removed, unless there is nothing. */
  readonly announce: (counts: EngineCounts) => void;
  readonly signal?: AbortSignal | undefined;
  /** How long a container may take to end by itself. @default 60: PostgreSQL writes its checkpoint and hands over */
  readonly graceSeconds?: number;
  /** @default the system's */
  readonly clock?: Clock | undefined;
}

/** How long the engine may take to say what it has. */
const LOOK_MS = 10_000;

/** In which PostgreSQL writes its checkpoint and hands over. */
const GRACE_SECONDS = 60;

/** For all that is removed at once. */
const REMOVE_MS = (GRACE_SECONDS + 60) * 1000;

/**
 * Removes what a cluster has on an engine: containers, all of them at once, then its volumes and networks. Nothing is
 * touched that does not have its labels. It may be done again: what has gone by then is no error.
 *
 * @throws ActionError `unreachable` when the engine does not answer, `failed` with its reason.
 */
export async function clearEngine(
  place: ClusterOnEngine,
  { announce, signal, clock, graceSeconds = GRACE_SECONDS }: ClearEngineOptions,
): Promise<void> {
  const asked = { engine: place.engine, signal, clock };
  const { containers, volumes, networks } = await askEngine(
    { ...asked, deadlineMs: LOOK_MS },
    (client, abortSignal) => find(client, place, abortSignal),
  );
  const counts = { containers: containers.length, volumes: volumes.length, networks: networks.length };
  if (Object.values(counts).some((count) => count > 0)) announce(counts);
  const isRelied = ({ Labels }: Docker.ContainerInfo) => reliedOn.includes(Labels["pulumi-spilo.part"]);
  for (const round of [containers.filter((one) => !isRelied(one)), containers.filter(isRelied)]) {
    await askEngine({ ...asked, deadlineMs: REMOVE_MS }, (client, abortSignal) =>
      Promise.all(round.map(({ Id }) => endContainer(client.getContainer(Id), graceSeconds, abortSignal))),
    );
  }
  await askEngine({ ...asked, deadlineMs: REMOVE_MS }, (client, abortSignal) => {
    const left = [
      ...volumes.map((name) => client.getVolume(name)),
      ...networks.map(({ Id }) => client.getNetwork(Id)),
    ];
    return Promise.all(left.map((one) => one.remove({ abortSignal }).catch(unlessGone)));
  });
}

/** Whoever stops writes to these, so they end last. */
const reliedOn: readonly (string | undefined)[] = ["voter", "s3"];

interface Found {
  readonly containers: readonly Docker.ContainerInfo[];
  readonly volumes: readonly string[];
  readonly networks: readonly Docker.NetworkInspectInfo[];
}

async function find(engine: Docker, place: ClusterOnEngine, abortSignal: AbortSignal): Promise<Found> {
  const { cluster, incarnation, project, stack, keeps = [], keepsNetworks = false } = place;
  const owner = labelsOf({ cluster, project, stack });
  const ours = [...owner, ...labelsOf({ incarnation })];
  const [containers, { Volumes }, networks] = await Promise.all([
    engine.listContainers({ all: true, filters: { label: ours }, abortSignal }),
    engine.listVolumes({ filters: { label: ours }, abortSignal }),
    // A network keeps no data, and may have been made without an incarnation.
    engine.listNetworks({ filters: { label: owner }, abortSignal }),
  ]);
  const ofAnother = ({ Labels }: Docker.NetworkInspectInfo) =>
    (Labels?.["pulumi-spilo.incarnation"] ?? incarnation) !== incarnation;
  return {
    containers,
    // An engine that has none says null.
    volumes: (Volumes ?? [])
      .filter(({ Name, Labels }) => {
        return !isDataOf({ name: Name, part: Labels?.["pulumi-spilo.part"] ?? "" }, keeps);
      })
      .map(({ Name }) => Name),
    networks: keepsNetworks ? [] : networks.filter((network) => !ofAnother(network)),
  };
}

function labelsOf(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `pulumi-spilo.${name}=${value}`);
}

async function endContainer(
  container: Docker.Container,
  graceSeconds: number,
  abortSignal: AbortSignal,
): Promise<void> {
  await container.stop({ t: graceSeconds, abortSignal }).catch(unlessGone);
  // With the nameless volumes that its image asks for.
  await container.remove({ force: true, v: true, abortSignal }).catch(unlessGone);
}
