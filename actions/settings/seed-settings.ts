import { z } from "zod";
import { applyMergePatch } from "../../cluster/settings/merge-patch.ts";
import { ActionError } from "../action-error.ts";
import type { EtcdClient } from "../etcd/etcd-client.ts";
import type { Document } from "../patroni/patroni-client.ts";
import { type Clock, waitFor } from "../wait.ts";
import { areSameSettings, settingsPatch } from "./settings-patch.ts";

const settingsDocument = z.record(z.string(), z.json());

export interface SeedOptions {
  readonly etcd: EtcdClient;
  /** Such as `/service/orders/config`. */
  readonly configKey: string;
  readonly settings: Document;
  /** For etcd to have a quorum. */
  readonly deadlineMs: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * `seeded`: the key holds these settings now. `kept`: it did already. `running`: a cluster was bootstrapped there with
 * other settings, so they have to be changed through its members.
 */
export type SeedOutcome = "seeded" | "kept" | "running";

/**
 * Writes the dynamic settings before the first member starts: Patroni then bootstraps with them, and nothing waits
 * for a restart afterwards. Settings of a cluster that has been bootstrapped are never written over.
 *
 * @throws ActionError `deadline` when etcd has no quorum in time.
 */
export async function seedSettings(options: SeedOptions): Promise<SeedOutcome> {
  const { etcd, configKey, settings, deadlineMs, clock, signal } = options;
  return waitFor<SeedOutcome>(
    {
      what: "etcd takes the cluster's first settings",
      deadlineMs,
      everyMs: 250,
      remedy: "docker logs of the etcd containers says why there is no quorum",
      clock,
      signal,
    },
    async () => {
      const held = await etcd.get(configKey);
      if (held.value !== undefined) {
        if (areSameSettings(parseSettings(configKey, held.value), settings)) return { found: "kept" };
        if (await isBootstrapped(etcd, configKey)) return { found: "running" };
      }
      const written = await etcd.putIfUnchanged(configKey, JSON.stringify(settings), held.revision);
      return written ? { found: "seeded" } : { pending: "somebody else wrote the key at the same time" };
    },
  );
}

/**
 * Changes the settings of a cluster none of whose members runs: they start with them.
 *
 * @throws ActionError `refused` when the key changes at the same time, so somebody does run.
 */
export async function changeSettingsAtRest(options: SeedOptions, before: Document): Promise<void> {
  const { etcd, configKey, settings } = options;
  const held = await etcd.get(configKey);
  const actual = held.value === undefined ? {} : parseSettings(configKey, held.value);
  const merged = applyMergePatch(actual, settingsPatch(actual, settings, before));
  if (await etcd.putIfUnchanged(configKey, JSON.stringify(merged), held.revision)) return;
  throw new ActionError("refused", `${configKey}: changed while it was read; run it again`);
}

/** Patroni makes this key when the first member begins to make the database. */
async function isBootstrapped(etcd: EtcdClient, configKey: string): Promise<boolean> {
  const { value } = await etcd.get(configKey.replace(/config$/, "initialize"));
  return value !== undefined;
}

function parseSettings(key: string, text: string): Document {
  try {
    return settingsDocument.parse(JSON.parse(text));
  } catch (error) {
    throw new ActionError("failed", `etcd key ${key}: does not hold settings of Patroni's`, { cause: error });
  }
}
