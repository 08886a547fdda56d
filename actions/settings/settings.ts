import type { ParameterValue } from "../../cluster/plan-types.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import { describeMembers, findCluster, isAlive, isReplica, leaderOf } from "../patroni/find-cluster.ts";
import type { Document } from "../patroni/patroni-client.ts";
import { settingsWhileFollowing as settingsFor } from "../standby/settings-while-following.ts";
import { waitFor } from "../wait.ts";
import type { InForce } from "./in-force.ts";
import { refuseLessWalThanSlotsNeed } from "./logical-slots.ts";
import { restartWhatIsPending } from "./pending-restarts.ts";
import { asDocument, settingsPatch } from "./settings-patch.ts";
import {
  differencesOn,
  type MemberInForce,
  type PreparedChange,
  pendingOn,
  readAll,
  type SettingsChange,
  type SettingsTools,
  stepLimits,
  withoutKept,
} from "./settings-state.ts";

/**
 * Looks at the cluster and works out what is to be done, from what is in force and not from what was declared.
 *
 * @throws ActionError `refused` when a restart is needed and a member is not in service: restarting the others
 *   would leave too few of them; or when a member has slots that need more WAL than is asked for. Nothing has been
 *   changed then.
 */
export async function prepareSettings(change: SettingsChange, tools: SettingsTools): Promise<PreparedChange> {
  const urls = change.members.map(({ restUrl }) => restUrl);
  const answered = await findCluster(tools.patroni, urls);
  const actual = await tools.patroni.config(answered.restUrl);
  const settings = settingsFor(change, actual, tools);
  const wanted = parametersOf(settings);
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(parametersOf(change.before))])].sort();
  const patch = settingsPatch(actual, settings, change.before);
  const prepared: PreparedChange = { change, patch, names, wanted, answered };
  await refuseRestartOfHalfACluster(prepared, tools);
  await refuseLessWalThanSlotsNeed(prepared, tools);
  return prepared;
}

/**
 * PATCHes `/config`, waits until every living member has taken it, restarts through Patroni what needs it, and reads
 * pg_settings of each of them. May be repeated after a failure at any point.
 *
 * @throws ActionError with what stands; the cluster serves meanwhile.
 */
export async function carryOutSettings(prepared: PreparedChange, tools: SettingsTools): Promise<void> {
  const { patch, answered } = prepared;
  try {
    if (Object.keys(patch).length > 0) await tools.patroni.patchConfig(answered.restUrl, patch);
    await takenByAll(prepared, tools);
    await restartWhatIsPending(prepared, tools);
    await verifyInForce(prepared, tools);
  } catch (error) {
    tools.signal?.throwIfAborted();
    const code = error instanceof ActionError ? error.code : "failed";
    throw new ActionError(code, `${reasonOf(error)}. ${await whatStands(prepared, tools)}`, { cause: error });
  }
}

async function refuseRestartOfHalfACluster(prepared: PreparedChange, tools: SettingsTools): Promise<void> {
  const { view } = prepared.answered;
  if (leaderOf(view) === undefined) return;
  const alive = new Set(view.members.filter(isAlive).map(({ name }) => name));
  const known = new Set([...prepared.change.existing, ...view.members.map(({ name }) => name)]);
  // A read replica that is away takes the settings when it starts, and nobody counts on it meanwhile.
  const spared = new Set(view.members.filter(isReplica).map(({ name }) => name));
  const missing = [...known].filter((name) => !alive.has(name) && !spared.has(name)).sort();
  if (missing.length === 0) return;
  const due = await restartsDue(prepared, tools);
  if (due.length === 0) {
    for (const name of missing) tools.report(`${name} does not run: it takes the settings when it starts`);
    return;
  }
  throw new ActionError(
    "refused",
    `${due.join(", ")}: takes a restart of every member, but ${missing.join(", ")} is not in service ` +
      `(${describeMembers(view)}). Nothing was changed. Bring it back (docker logs ${missing[0]} says why it is ` +
      "not there), then run `pulumi up` again",
  );
}

async function restartsDue(prepared: PreparedChange, tools: SettingsTools): Promise<readonly string[]> {
  const members = await readAll(prepared, tools);
  const removed = new Set(removedParameters(prepared));
  const due = members.flatMap((one) => [
    ...pendingOn(one, prepared.wanted),
    ...one.rows.filter((row) => row.context === "postmaster" && removed.has(row.name.toLowerCase())),
  ]);
  return [...new Set(due.map(({ name }) => name))];
}

/** Patroni tells members at once; each then writes its file and reloads, or starts to wait for a restart. */
async function takenByAll(prepared: PreparedChange, tools: SettingsTools): Promise<void> {
  const removed = new Set(removedParameters(prepared));
  await waitFor({ ...stepLimits(tools), what: "every member takes the settings" }, async () => {
    const members = await readAll(prepared, tools);
    const late = members.flatMap((one) => notTakenBy(one, prepared, removed));
    return late.length === 0 ? { found: true } : { pending: late.join("; ") };
  });
}

function notTakenBy(
  one: MemberInForce,
  prepared: PreparedChange,
  removed: ReadonlySet<string>,
): readonly string[] {
  const reloadable = { ...one, rows: one.rows.filter((row) => row.context !== "postmaster") };
  const stillThere = one.rows.filter((row) => removed.has(row.name.toLowerCase()) && isStillInFile(row));
  return [
    ...differencesOn(reloadable, prepared.wanted),
    ...stillThere.map((row) => `${one.member.name}: ${row.name} is still in its file`),
  ];
}

/** Patroni keeps what it was told in postgresql.conf; what initdb wrote is in postgresql.base.conf. */
function isStillInFile(row: InForce): boolean {
  return (row.sourceFile ?? "").endsWith("/postgresql.conf") && !row.pendingRestart;
}

function removedParameters({ patch }: PreparedChange): readonly string[] {
  const parameters = asDocument(asDocument(patch["postgresql"])["parameters"]);
  return Object.keys(parameters)
    .filter((name) => parameters[name] === null)
    .map((name) => name.toLowerCase());
}

/** @throws ActionError `not-in-force` naming each member, setting and value. */
async function verifyInForce(prepared: PreparedChange, tools: SettingsTools): Promise<void> {
  const members = await readAll(prepared, tools);
  const wrong = members.flatMap((one) => [
    ...differencesOn(withoutKept(one, prepared.wanted), prepared.wanted),
    ...unknownTo(one, prepared).map((name) => `${one.member.name}: knows no parameter ${name}`),
  ]);
  if (wrong.length === 0) return;
  const why = "something there sets it otherwise: the member's own Patroni configuration, or ALTER SYSTEM";
  throw new ActionError("not-in-force", `${wrong.join("; ")} (${why})`);
}

/** A name with a dot belongs to an extension, which may not be loaded. */
function unknownTo({ rows }: MemberInForce, { wanted }: PreparedChange): readonly string[] {
  const seen = new Set(rows.map(({ name }) => name.toLowerCase()));
  return Object.keys(wanted).filter((name) => !seen.has(name) && !name.includes("."));
}

async function whatStands({ change }: PreparedChange, tools: SettingsTools): Promise<string> {
  const again = "Run `pulumi up` again to go on from here";
  try {
    const urls = change.members.map(({ restUrl }) => restUrl);
    const { view } = await findCluster(tools.patroni, urls);
    return `The new settings are in Patroni's /config; ${describeMembers(view)}. ${again}`;
  } catch (error) {
    return `What stands is not known: ${reasonOf(error)}. ${again}`;
  }
}

function parametersOf(settings: Document): Readonly<Record<string, ParameterValue>> {
  const known: Record<string, ParameterValue> = {};
  for (const [name, value] of Object.entries(asDocument(asDocument(settings["postgresql"])["parameters"]))) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      known[name.toLowerCase()] = value;
    }
  }
  return known;
}
