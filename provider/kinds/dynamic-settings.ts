import { z } from "zod";
import { clusterAccess } from "../../actions/access.ts";
import { ActionError, reasonOf } from "../../actions/action-error.ts";
import { etcdClient } from "../../actions/etcd/etcd-client.ts";
import { findCluster } from "../../actions/patroni/find-cluster.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { untilStandbysAreThere } from "../../actions/rolling/insist-on-standbys.ts";
import { inForceReader } from "../../actions/settings/in-force.ts";
import { logicalSlotsReader } from "../../actions/settings/logical-slots.ts";
import {
  changeSettingsAtRest,
  type SeedOptions,
  seedSettings,
} from "../../actions/settings/seed-settings.ts";
import { carryOutSettings, prepareSettings } from "../../actions/settings/settings.ts";
import type { SettingsChange, SettingsTools } from "../../actions/settings/settings-state.ts";
import { standingSettings } from "../../actions/settings/standing-settings.ts";
import { applyMergePatch, type JsonObject } from "../../cluster/index.ts";
import { asItWasUnlessAsked } from "../as-it-was.ts";
import { type Kind, type KindContext, Unfinished } from "../kind.ts";

const inputs = z.object({
  settings: z.record(z.string(), z.json()),
  follows: z.record(z.string(), z.json()).optional(),
  dcsKey: z.string(),
  voters: z.array(z.string()),
  members: z.array(z.object({ name: z.string(), restUrl: z.string(), host: z.string(), port: z.number() })),
  restUser: z.string(),
  restPassword: z.string(),
  formerRestPassword: z.string().default(""),
  access: clusterAccess,
  operatorUser: z.string().default(""),
  operatorPassword: z.string(),
  etcdUser: z.string(),
  etcdPassword: z.string(),
});

type Inputs = z.infer<typeof inputs>;

/**
 * Patroni's dynamic settings of one cluster.
 *
 * Made by writing the DCS key before any member starts; changed through a living member. What was begun and not ended
 * keeps the new inputs with an error in the state, so the next `up` goes on, whatever is declared by then. Deletion
 * does nothing: the key goes with the cluster's own etcd.
 */
export const dynamicSettings: Kind = {
  create: async (properties, context) => {
    const wanted = inputs.parse(properties);
    const outcome = await seedSettings(seedOf(wanted, context));
    if (outcome === "running") {
      const follows = { before: wanted.follows, now: wanted.follows };
      const change = { members: wanted.members, existing: [], wanted: wanted.settings, before: {}, follows };
      await changeRunningOrAtRest(change, wanted, context);
    }
    return { id: wanted.dcsKey, outputs: {} };
  },
  update: async (olds, news, context) => {
    const before = inputs.parse(olds);
    const wanted = inputs.parse(news);
    // A bootstrap that failed leaves the key of its first attempt and no cluster.
    if ((await seedSettings(seedOf(wanted, context))) === "seeded") return {};
    const existing = namesInBoth(before, wanted);
    const grows = existing.length < wanted.members.length;
    const change: SettingsChange = {
      members: wanted.members,
      existing,
      wanted: grows ? untilStandbysAreThere(wanted.settings) : wanted.settings,
      before: whole(before),
      follows: { before: before.follows, now: wanted.follows },
    };
    await changeRunning(change, wanted, context);
    return {};
  },
  read: async (properties, { report, signal }) => {
    const declared = inputs.parse(properties);
    const patroni = patroniClient({ access: declared.access, signal });
    // A cluster that is down has lost no settings: its DCS keeps them.
    return asItWasUnlessAsked({ report }, async () => {
      const urls = declared.members.map(({ restUrl }) => restUrl);
      const settings = await standingSettings(patroni, await findCluster(patroni, urls), declared.settings);
      return settings === declared.settings ? {} : { settings };
    });
  },
};

async function changeRunningOrAtRest(
  change: SettingsChange,
  wanted: Inputs,
  context: KindContext,
): Promise<void> {
  try {
    await changeRunning(change, wanted, context);
  } catch (error) {
    if (!(error instanceof ActionError) || error.code !== "unreachable") throw error;
    // Whether it follows another cluster stays as it is.
    await changeSettingsAtRest({ ...seedOf(wanted, context), settings: wanted.settings }, change.before);
  }
}

async function changeRunning(change: SettingsChange, wanted: Inputs, context: KindContext): Promise<void> {
  const credentials = {
    username: wanted.restUser,
    password: wanted.restPassword,
    former: wanted.formerRestPassword,
  };
  const login = {
    access: wanted.access,
    user: wanted.operatorUser,
    password: wanted.operatorPassword,
  };
  const tools: SettingsTools = {
    patroni: patroniClient({ access: wanted.access, credentials, signal: context.signal }),
    readInForce: inForceReader(login),
    readLogicalSlots: logicalSlotsReader(login),
    report: context.report,
    signal: context.signal,
  };
  const prepared = await prepareSettings(change, tools);
  try {
    await carryOutSettings(prepared, tools);
  } catch (error) {
    throw new Unfinished(wanted.dcsKey, reasonOf(error), { cause: error });
  }
}

function seedOf(wanted: Inputs, { signal }: KindContext): SeedOptions {
  const login = { user: wanted.etcdUser, password: wanted.etcdPassword };
  const etcd = etcdClient({ endpoints: wanted.voters, access: wanted.access, login });
  return { etcd, configKey: wanted.dcsKey, settings: whole(wanted), deadlineMs: 60_000, signal };
}

/** The settings of a cluster that follows another one, before it is ever promoted. */
function whole({ settings, follows }: Pick<Inputs, "settings" | "follows">): JsonObject {
  return follows === undefined ? settings : applyMergePatch(settings, follows);
}

function namesInBoth(before: Inputs, now: Inputs): readonly string[] {
  const names = new Set(now.members.map(({ name }) => name));
  return before.members.map(({ name }) => name).filter((name) => names.has(name));
}
