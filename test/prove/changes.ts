/**
 * Every change that stops or replaces a member, a voter or a proxy, under a writer, with each member in the leader's place
 * in turn: at most one promotion, standbys before the leader, no acknowledged row missing, nothing left to do.
 */
import { execa } from "execa";
import { waitFor } from "../../actions/wait.ts";
import {
  type ChangeOptions,
  type ChangeSeen,
  describeChange,
  leadBy,
  otherImage,
  removeOtherImages,
  seenThrough,
} from "../live/changes.ts";
import { type LiveCluster, liveCluster } from "../live/cluster-view.ts";
import { containerIds, hostPid } from "../live/engine.ts";
import type { World } from "../live/world.ts";
import { type Records, recordsIn, summaries } from "./records.ts";

interface Change {
  readonly name: string;
  /** Members that are replaced, of those that stay. */
  readonly replaces: number;
  /** Promotions at most, with the leader in that place. @default 1 */
  readonly promotions?: (place: number) => number;
  /** Whether the leader comes last. @default true */
  readonly isOrdered?: boolean;
  /** What is done, one `up` each. */
  readonly steps: (world: World, place: number) => Promise<readonly ChangeOptions[]>;
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
    steps: async (world, place) => {
      const image = await otherImage(world, String(place));
      return [{ cause: () => world.specify(["image"], image) }];
    },
  },
  {
    name: "memory, and the leader is killed in the middle",
    replaces: 3,
    promotions: () => 2,
    isOrdered: false,
    steps: async (world, place) => [
      {
        cause: () => world.specify(["resources", "memory"], `${1800 + place}MB`),
        meanwhile: (cluster) => killLeaderAfterFirst(world, cluster),
      },
    ],
  },
  {
    name: "3 → 5 → 3",
    replaces: 0,
    promotions: () => 0,
    steps: async () => [members(5), members(3)],
  },
  {
    name: "3 → 1 → 3",
    replaces: 0,
    // The first member stays.
    promotions: (place) => (place === 1 ? 0 : 1),
    steps: async () => [members(1), members(3)],
  },
  {
    name: "memory",
    replaces: 3,
    steps: async (world, place) => [
      { cause: () => world.specify(["resources", "memory"], `${1900 + place}MB`) },
    ],
  },
  {
    name: "shared_buffers",
    replaces: 3,
    steps: async (world, place) => [
      { cause: () => world.specify(["postgresql", "parameters", "shared_buffers"], `${300 + place}MB`) },
    ],
  },
  {
    name: "passwords",
    replaces: 3,
    steps: async (world) => [{ cause: () => world.specify(["rotation", "passwords"], next("passwords")) }],
  },
  {
    name: "passwords, and the leader is killed in the middle",
    replaces: 3,
    promotions: () => 2,
    isOrdered: false,
    steps: async (world) => [
      {
        cause: () => world.specify(["rotation", "passwords"], next("passwords")),
        meanwhile: (cluster) => killLeaderAfterFirst(world, cluster),
      },
    ],
  },
  {
    name: "the authority",
    replaces: 0,
    steps: async (world) => {
      const { endpoint } = await liveCluster(world);
      return [
        {
          cause: () => world.specify(["rotation", "authority"], next("authority")),
          // The writer may connect anew at any time, and has no way to learn of the next authority.
          endpoint: { ...endpoint, ssl: { rejectUnauthorized: false } },
        },
      ];
    },
  },
  {
    name: "a voter without its volume",
    replaces: 0,
    steps: async (world, place) => [
      {
        cause: () => loseVoter(`${world.stack}-etcd-${place}`),
        up: ["up", "--yes", "--skip-preview", "--refresh"],
      },
    ],
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
  const began = Date.now();
  const all: ChangeSeen[] = [];
  for (const step of await change.steps(world, place)) {
    const seen = await seenThrough(world, step);
    console.log(describeChange(name, seen));
    await nothingIsLeft(world);
    all.push(seen);
  }
  judge(change, place, leader, all);
  const acknowledged = all.reduce((sum, seen) => sum + seen.acknowledged, 0);
  const figures = { promotions: promotionsOf(all), acknowledged, replaced: replacedIn(all).join(" ") };
  const gapMs = Math.max(...all.map((seen) => seen.gapMs));
  const tookMs = Date.now() - began;
  await records.add({ kind: name, round: place, gapMs, missing: missingIn(all).length, ...figures, tookMs });
}

function judge(change: Change, place: number, leader: string, all: readonly ChangeSeen[]): void {
  const { replaces, promotions = () => 1, isOrdered = true } = change;
  const [replaced, missing] = [replacedIn(all), missingIn(all)];
  const wrong = [
    ...(replaced.length === replaces ? [] : [`${replaced.length} members were replaced`]),
    ...(isOrdered && replaced.length > 0 && replaced.at(-1) !== leader
      ? [`${replaced.at(-1)} came last`]
      : []),
    ...(promotionsOf(all) <= promotions(place) ? [] : [`${promotionsOf(all)} promotions`]),
    ...(missing.length === 0 ? [] : [`${missing.length} acknowledged rows are missing`]),
  ];
  if (wrong.length > 0) throw new Error(`${change.name}, ${leader} led: ${wrong.join("; ")}`);
}

const replacedIn = (all: readonly ChangeSeen[]) => all.flatMap(({ replaced }) => replaced);
const missingIn = (all: readonly ChangeSeen[]) => all.flatMap(({ missing }) => missing);
const promotionsOf = (all: readonly ChangeSeen[]) => all.reduce((sum, seen) => sum + seen.promotions, 0);

/** What there is, and then what the program wants, are compared with the state. */
async function nothingIsLeft(world: World): Promise<void> {
  const cluster = await liveCluster(world);
  await cluster.inSync(cluster.restUrls.length - 1);
  await world.pulumi("preview", "--refresh", "--diff", "--expect-no-changes");
}

function members(count: number): ChangeOptions {
  return { cause: (world) => world.specify(["members"], count) };
}

/** The first standby has been replaced by then, and the others have not. */
async function killLeaderAfterFirst(world: World, cluster: LiveCluster): Promise<void> {
  const before = await containerIds(world.stack);
  const leader = await cluster.leader();
  await waitFor({ what: "the first standby is replaced", deadlineMs: 120_000 }, async () => {
    const now = await containerIds(world.stack);
    const isNew = (name: string) => now[name] !== undefined && now[name] !== before[name];
    return Object.keys(before).some(isNew) ? { found: true } : { pending: "nothing happens" };
  });
  process.kill(await hostPid(leader), "SIGKILL");
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
