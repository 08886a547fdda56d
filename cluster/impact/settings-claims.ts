import { describeParameterChange } from "../parameters/parameter-change.ts";
import type { DynamicSettings } from "../plan-types.ts";
import type { Json } from "../settings/merge-patch.ts";
import { describeChange } from "../settings/settings-change.ts";
import { slotChanges } from "../settings/slots.ts";
import type { Change, Seen } from "./change.ts";
import type { Claim, ValueChange } from "./claims.ts";

/** What changes of the settings, how it comes into force, and what becomes of slots. */
export function settingsClaims(change: Change, seen: Seen | undefined): readonly Claim[] {
  const values = valuesOf(change);
  const names = stayingUntouched(change);
  const voters = votersRestartedIn(change);
  return [
    ...(values.length === 0 ? [] : [{ kind: "set", values } as const]),
    ...(restartsOf(change).length === 0 || names.length === 0
      ? []
      : [{ kind: "restarted", part: "member", names } as const]),
    ...(voters.length === 0 ? [] : [{ kind: "restarted", part: "voter", names: voters } as const]),
    ...slotClaims(change, seen),
  ];
}

/** Names of the parameters for which PostgreSQL is restarted in place. */
export function restartsOf(change: Change): readonly string[] {
  const documents = documentsOf(change);
  if (documents === undefined) return [];
  const { from, to, version } = documents;
  return describeChange(from, to, version).restart;
}

function documentsOf({ before, after, settings }: Change) {
  if (before === undefined || after === undefined) return undefined;
  const { from, to } = settings ?? { from: before.plan.settings, to: after.plan.settings };
  return { from, to, version: after.plan.postgresqlVersion };
}

/** Members that there are before and after, in the order of the plan. */
function stayingUntouched({ before, after }: Change): readonly string[] {
  const had = new Set(before?.plan.members.map(({ name }) => name));
  return (after?.plan.members ?? []).map(({ name }) => name).filter((name) => had.has(name));
}

/** They never forget whom they trust until they start anew. */
function votersRestartedIn({ before, after, parts }: Change): readonly string[] {
  if (before === undefined || after === undefined) return [];
  if (before.plan.tls.generation === after.plan.tls.generation) return [];
  return after.plan.voters
    .map(({ name }) => name)
    .filter((name) => parts.renewed.includes(name) && !parts.replaced.voter.includes(name));
}

function valuesOf(change: Change): readonly ValueChange[] {
  const documents = documentsOf(change);
  const { before, after } = change;
  if (documents === undefined || before === undefined || after === undefined) return [];
  const { from, to, version } = documents;
  const { reload, restart, replacement } = describeParameterChange(
    { postgresqlVersion: version, settings: from, localParameters: before.plan.localParameters },
    { postgresqlVersion: version, settings: to, localParameters: after.plan.localParameters },
  );
  const dynamic = (takes: "reload" | "restart") => (name: string) => {
    return { name, from: valueIn(from, name), to: valueIn(to, name), takes };
  };
  return [
    ...reload.filter((name) => !isOfSlots(name)).map(dynamic("reload")),
    ...restart.map(dynamic("restart")),
    ...replacement.map((name) => ({
      name,
      from: before.plan.localParameters[name] ?? null,
      to: after.plan.localParameters[name] ?? null,
      takes: "replacement" as const,
    })),
  ];
}

/** Each is told of by itself. */
function isOfSlots(name: string): boolean {
  return /^(slots|ignore_slots)(\.|$)/.test(name);
}

/** A parameter, or a setting of Patroni's by its path. */
function valueIn(settings: DynamicSettings, name: string): Json {
  const parameter = settings.postgresql.parameters[name];
  if (parameter !== undefined) return parameter;
  let found: unknown = settings;
  for (const key of name.split(".")) {
    found =
      typeof found === "object" && found !== null
        ? Object.entries(found).find(([one]) => one === key)?.[1]
        : undefined;
  }
  return isJson(found) ? found : null;
}

function isJson(value: unknown): value is Json {
  return ["string", "number", "boolean"].includes(typeof value);
}

function slotClaims(change: Change, seen: Seen | undefined): readonly Claim[] {
  const documents = documentsOf(change);
  if (documents === undefined) return [];
  const { from, to } = documents;
  const declared = slotChanges(from, to).map(
    ({ name, effect }) => ({ kind: "slot", name, effect }) satisfies Claim,
  );
  const known = new Set([...namesIn(from), ...namesIn(to)]);
  const isAtRisk =
    change.parts.replaced.member.length + change.parts.removed.member.length + restartsOf(change).length > 0;
  const byHand = isAtRisk ? (seen?.logicalSlots ?? []).filter((name) => !known.has(name)) : [];
  return [...declared, ...byHand.map((name) => ({ kind: "slot", name, effect: "at risk" }) as const)];
}

function namesIn({ slots = {}, ignore_slots: kept = [] }: DynamicSettings): readonly string[] {
  return [...Object.keys(slots), ...kept.map(({ name }) => name)];
}

/** Whether standbys restart to have a copy of a slot. */
export function copiesSlots(change: Change): boolean {
  const documents = documentsOf(change);
  if (documents === undefined || stayingUntouched(change).length < 2) return false;
  return slotChanges(documents.from, documents.to).some(({ effect }) =>
    ["made", "remade", "taken over"].includes(effect),
  );
}
