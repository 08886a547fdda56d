import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import Docker from "dockerode";
import { z } from "zod";
import { Failure } from "../failure.ts";
import { instance } from "../paths.ts";
import type { Report } from "../progress.ts";
import { clearLab, makeLab, type WantedZone } from "./lab.ts";
import { type LabPlace, namespacesLeft, ownPlace } from "./network.ts";

/** Zones on this machine that `./run up --zones` has made, for one stack. They live until `./run down`. */
const ownZones = z.object({
  stack: z.string(),
  /** A folder to be put first on PATH: it has an `ssh` that knows the zones. */
  path: z.string(),
  zones: z.array(
    z.object({
      name: z.string(),
      host: z.string(),
      address: z.string(),
      certificates: z.string().optional(),
      /** Answers also while the zone is cut off. */
      socket: z.string(),
    }),
  ),
});

export type OwnZones = z.infer<typeof ownZones>;

const directory = join(instance, "zones");
const record = join(directory, "zones.json");
const lab = labIn(instance);

/** Engines are reached in every way that there is: the second by TLS, the third by ssh. */
const reaches: readonly NonNullable<WantedZone["reach"]>[] = ["unix", "tls", "ssh"];

/** Where such zones are, of a run that keeps its state in a folder. */
export function labIn(folder: string): { readonly place: LabPlace; readonly directory: string } {
  return { place: ownPlace, directory: join(folder, "zones", "lab") };
}

/** The zones that there are, of whichever stack; undefined when there are none. */
async function readOwnZones(): Promise<OwnZones | undefined> {
  if (!existsSync(record)) return undefined;
  return ownZones.parse(JSON.parse(await readFile(record, "utf8")));
}

/** Has this process and all that it starts reach the zones, if there are any. @returns what goes first on PATH. */
export async function reachOwnZones(): Promise<string | undefined> {
  const found = await readOwnZones();
  if (found === undefined) return undefined;
  process.env["PATH"] = `${found.path}${delimiter}${process.env["PATH"] ?? ""}`;
  return found.path;
}

/**
 * Zones of a stack on this machine, each with a network and an engine of its own: those that are there, else new ones.
 *
 * @param count 2–9
 * @throws Failure when there are others than asked for, or those that were made do not run any more.
 */
export async function ensureOwnZones(stack: string, count: number, report: Report): Promise<OwnZones> {
  const found = await readOwnZones();
  if (found !== undefined) return await foundZones(found, stack, count);
  if ((await namespacesLeft(ownPlace)).length > 0) {
    throw new Failure(
      "./run up --zones: there are such zones on this machine already",
      "another checkout, or another run of this one, has made them.",
      "Take them down there (./run down).",
    );
  }
  await mkdir(directory, { recursive: true });
  const wanted = wantedZones(count);
  report("starting a network and an engine for each");
  const made = await makeLab(wanted, lab);
  const zones = made.zones.map(({ name, host, address, certificates, engine: { socket } }) => {
    return { name, host, address, ...(certificates === undefined ? {} : { certificates }), socket };
  });
  const own = { stack, path: made.path, zones };
  await writeFile(record, JSON.stringify(own));
  return own;
}

/** So many zones as `./run up --zones` makes them: a, b, … */
export function wantedZones(count: number): readonly WantedZone[] {
  return Array.from({ length: count }, (_, place) => {
    return { name: String.fromCharCode(97 + place), reach: reaches[place] ?? "unix" };
  });
}

async function foundZones(found: OwnZones, stack: string, count: number): Promise<OwnZones> {
  if (found.stack !== stack || found.zones.length !== count) {
    throw new Failure(
      `./run up --zones ${count} --stack ${stack}`,
      `there are ${found.zones.length} zones on this machine, of the stack ${found.stack}.`,
      `Take them down first: ./run down --stack ${found.stack}`,
    );
  }
  const answers = await Promise.all(
    found.zones.map(({ socket }) => new Docker({ socketPath: socket }).ping().catch(() => undefined)),
  );
  const silent = found.zones.filter((_, place) => answers[place] === undefined).map(({ name }) => name);
  if (silent.length === found.zones.length) {
    throw new Failure(
      `zones of the stack ${stack}: no engine answers`,
      "the machine was started anew, or they were ended.",
      `Take them down with what they held: ./run down --forget --stack ${stack}`,
    );
  }
  return found;
}

/** Whether `./run` has made zones for this stack. */
export async function hasOwnZones(stack: string): Promise<boolean> {
  return (await readOwnZones())?.stack === stack;
}

/** Removes the zones of a stack with all that is in them; nothing when it has none. @returns whether it had. */
export async function removeOwnZones(stack: string): Promise<boolean> {
  const found = await readOwnZones();
  if (found?.stack !== stack) return false;
  await clearLab(lab);
  await rm(directory, { recursive: true, force: true });
  return true;
}

/** As the specification takes them. */
export function placementOf({ zones }: OwnZones): object {
  return { mode: "cross-zone", zones: zones.map(({ socket: _, ...zone }) => zone) };
}
