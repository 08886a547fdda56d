import type Docker from "dockerode";
import { z } from "zod";
import { jsonIn } from "../../cluster/json-in.ts";
import type { MarkedOwner, Marker } from "../../cluster/leases/marker.ts";
import { askEngine } from "./ask-engine.ts";
import { unlessGone } from "./remove-container.ts";
import { unlessStatus } from "./unless-status.ts";

/** The label with what the marker says; all others are the owner's, as on every part. */
const label = "pulumi-spilo.marker";

const ASK_MS = 10_000;

/** Buckets that are not the cluster's own, with what in them is. */
export const markedArchives = z.array(
  z.object({
    endpoint: z.string(),
    region: z.string(),
    bucket: z.string(),
    prefix: z.string(),
    ca: z.string().exactOptional(),
  }),
);

const said = z.object({
  owner: z.string().optional(),
  ttlSeconds: z.number().optional(),
  since: z.string(),
  protected: z.boolean(),
  engines: z.union([z.array(z.string()), z.number()]),
  engine: z.string().optional(),
  archives: markedArchives,
});

interface Asked {
  /** The engine's address as the docker provider takes it. */
  readonly engine: string;
  readonly signal?: AbortSignal | undefined;
}

/** The name of the volume that is a cluster's marker. */
export function markerName({ cluster, incarnation }: Pick<MarkedOwner, "cluster" | "incarnation">): string {
  return `${cluster}-marker-${incarnation}`;
}

/**
 * Writes a marker on an engine, in the place of the one that is there. Labels of a volume never change, so it is another
 * volume then; there is nothing on it.
 *
 * @throws ActionError `unreachable` when the engine does not answer, `failed` with its reason.
 */
export async function writeMarker(asked: Asked, owner: MarkedOwner, marker: Marker): Promise<void> {
  await askEngine({ ...asked, deadlineMs: ASK_MS }, async (client, abortSignal) => {
    await client.getVolume(markerName(owner)).remove({ abortSignal }).catch(unlessGone);
    await client.createVolume({
      Name: markerName(owner),
      Labels: { ...labelsOf(owner), [label]: JSON.stringify(marker) },
      abortSignal,
    });
  });
}

/** Removes a cluster's marker, whether it is there or not. @throws as `writeMarker` does. */
export async function removeMarker(asked: Asked, owner: MarkedOwner): Promise<void> {
  await askEngine({ ...asked, deadlineMs: ASK_MS }, (client, abortSignal) =>
    client.getVolume(markerName(owner)).remove({ abortSignal }).catch(unlessGone),
  );
}

/** The marker of a cluster on an engine; undefined: there is none. @throws as `writeMarker` does. */
export async function markerOn(asked: Asked, owner: MarkedOwner): Promise<Marker | undefined> {
  return await askEngine({ ...asked, deadlineMs: ASK_MS }, async (client, abortSignal) => {
    const found = await unlessStatus(404, client.getVolume(markerName(owner)).inspect({ abortSignal }));
    return found && markerIn(found.Labels);
  });
}

/** What the labels of a volume say, if they are a marker's that can be read. */
export function markerIn(labels: Readonly<Record<string, string>> | null): Marker | undefined {
  const text = labels?.[label];
  if (text === undefined || labels?.["pulumi-spilo.part"] !== "marker") return undefined;
  const parsed = said.safeParse(jsonIn(text));
  return parsed.success ? parsed.data : undefined;
}

/** Whose something is, by its labels; undefined: it is not ours, or does not say all of it. */
export function ownerIn(labels: Docker.ContainerInfo["Labels"] | null | undefined): MarkedOwner | undefined {
  const of = (name: string) => labels?.[`pulumi-spilo.${name}`];
  const [project, stack, cluster, incarnation] = [
    of("project"),
    of("stack"),
    of("cluster"),
    of("incarnation"),
  ];
  if (!project || !stack || !cluster || !incarnation) return undefined;
  return { project, stack, cluster, incarnation };
}

function labelsOf(owner: MarkedOwner): Record<string, string> {
  const { project, stack, cluster, incarnation } = owner;
  const values = { project, stack, cluster, incarnation, part: "marker" };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`pulumi-spilo.${name}`, value]));
}
