/**
 * Every change that stops or replaces a member, a voter or a proxy, under a writer, with each member in the leader's place
 * in turn: at most one promotion, standbys before the leader, no acknowledged row missing, nothing left to do.
 */
import { execa } from "execa";
import {
  type ChangeOptions,
  type ChangeSeen,
  describeChange,
  leadBy,
  otherImage,
  removeOtherImages,
  seenThrough,
} from "../live/changes.ts";
import { liveCluster } from "../live/cluster-view.ts";
import type { World } from "../live/world.ts";
import { type Records, recordsIn, summaries } from "./records.ts";

interface Change {
  readonly name: string;
  /** Members that are replaced, of those that stay. */
  readonly replaces: number;
  readonly options: (world: World, place: number) => Promise<ChangeOptions> | ChangeOptions;
}

const places = [1, 2, 3];

/** A generation grows by one; each run begins with a cluster of its own. */
const generations = { passwords: 1, authority: 1 };

function next(of: keyof typeof generations): number {
  generations[of] += 1;
  return generations[of];
}

const changes: readonly Change[] = [
  {
    name: "another image",
    replaces: 3,
    options: async (world, place) => {
      const image = await otherImage(world, String(place));
      return { cause: () => world.specify(["image"], image) };
    },
  },
  {
    name: "memory",
    replaces: 3,
    options: (_world, place) => ({
      cause: (world) => world.specify(["resources", "memory"], `${1900 + place}MB`),
    }),
  },
  {
    name: "shared_buffers",
    replaces: 3,
    options: (_world, place) => ({
      cause: (world) => world.specify(["postgresql", "parameters", "shared_buffers"], `${300 + place}MB`),
    }),
  },
  {
    name: "passwords",
    replaces: 3,
    options: () => ({ cause: (world) => world.specify(["rotation", "passwords"], next("passwords")) }),
  },
  {
    name: "the authority",
    replaces: 0,
    options: async (world) => {
      const { endpoint } = await liveCluster(world);
      return {
        cause: () => world.specify(["rotation", "authority"], next("authority")),
        // The writer may connect anew at any time, and has no way to learn of the next authority.
        endpoint: { ...endpoint, ssl: { rejectUnauthorized: false } },
      };
    },
  },
  {
    name: "a voter without its volume",
    replaces: 0,
    options: (_world, place) => ({
      cause: (world) => loseVoter(`${world.stack}-etcd-${place}`),
      up: ["up", "--yes", "--skip-preview", "--refresh"],
    }),
  },
];

export async function proveChanges(world: World, isTimeLeft: () => boolean): Promise<readonly string[]> {
  const records = await recordsIn("changes");
  try {
    for (const place of places) {
      for (const change of changes) {
        if (isTimeLeft()) await once(world, records, change, place);
      }
    }
  } finally {
    await removeOtherImages(world, places.map(String));
  }
  return summaries(
    changes.map(({ name }) => name),
    records,
  );
}

async function once(world: World, records: Records, change: Change, place: number): Promise<void> {
  const { name } = change;
  if (records.of(name).some(({ round }) => round === place)) return;
  const leader = `${world.stack}-${place}`;
  await leadBy(world, leader);
  const seen = await seenThrough(world, await change.options(world, place));
  console.log(describeChange(name, seen));
  await nothingIsLeft(world);
  judge(change, leader, seen);
  const { gapMs, promotions, replaced, acknowledged, missing } = seen;
  const figures = { gapMs, missing: missing.length, promotions, acknowledged, replaced: replaced.join(" ") };
  await records.add({ kind: name, round: place, ...figures });
}

function judge(change: Change, leader: string, seen: ChangeSeen): void {
  const { replaced, promotions, missing } = seen;
  const wrong = [
    ...(replaced.length === change.replaces ? [] : [`${replaced.length} members were replaced`]),
    ...(replaced.length > 0 && replaced.at(-1) !== leader ? [`${replaced.at(-1)} came last`] : []),
    ...(promotions <= 1 ? [] : [`${promotions} promotions`]),
    ...(missing.length === 0 ? [] : [`${missing.length} acknowledged rows are missing`]),
  ];
  if (wrong.length > 0) throw new Error(`${change.name}, ${leader} led: ${wrong.join("; ")}`);
}

async function nothingIsLeft(world: World): Promise<void> {
  await (await liveCluster(world)).inSync(2);
  await world.pulumi("preview", "--diff", "--expect-no-changes");
  await world.pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
}

async function loseVoter(voter: string): Promise<void> {
  const { stdout } = await execa("docker", [
    "inspect",
    "--format",
    "{{range .Mounts}}{{.Name}} {{end}}",
    voter,
  ]);
  await execa("docker", ["rm", "--force", voter]);
  await execa("docker", ["volume", "rm", ...stdout.trim().split(" ")]);
}
