import type { ClusterPlan, ParameterValue } from "../plan-types.ts";
import { describeChange, shown } from "../settings/settings-change.ts";
import { canonicalValue, findParameter } from "./parameters.ts";

/** The part of a plan that says with which settings the members run. */
export type SettingsOfPlan = Pick<ClusterPlan, "postgresqlVersion" | "settings" | "localParameters">;

/** What a change of a specification's parameters does to the members: for each, one of three. */
export interface ParameterChange {
  /** Taken over without a restart, sorted: names of parameters, and of Patroni's own settings. */
  readonly reload: readonly string[];
  /** Brought into force by a restart of every member through Patroni, sorted. */
  readonly restart: readonly string[];
  /** Part of the members' own configuration: every member is replaced, one after the other, sorted. */
  readonly replacement: readonly string[];
  /** For people: a sentence a change, then one on what the restarts mean, and one on what the replacements do. */
  readonly sentences: readonly string[];
}

/** Describes the way from the settings of one plan to those of another, over both of their channels. Pure. */
export function describeParameterChange(from: SettingsOfPlan, to: SettingsOfPlan): ParameterChange {
  const { reload, restart, sentences } = describeChange(from.settings, to.settings, to.postgresqlVersion);
  const replaced = localChanges(from, to);
  const each = replaced.map(
    ({ name, older, newer }) =>
      `${name} ${shown(older)} → ${shown(newer)}: takes a replacement of the members`,
  );
  return {
    reload,
    restart,
    replacement: replaced.map(({ name }) => name),
    sentences: [...sentences, ...each, ...(each.length === 0 ? [] : [replacementMeans])],
  };
}

const replacementMeans = "every member is replaced once, one after the other; data is kept";

interface LocalChange {
  readonly name: string;
  readonly older: ParameterValue | undefined;
  readonly newer: ParameterValue | undefined;
}

function localChanges(from: SettingsOfPlan, to: SettingsOfPlan): readonly LocalChange[] {
  const [older, newer] = [from.localParameters, to.localParameters];
  return [...new Set([...Object.keys(older), ...Object.keys(newer)])]
    .sort()
    .map((name) => ({ name, older: older[name], newer: newer[name] }))
    .filter((change) => spelled(change.name, change.older, to) !== spelled(change.name, change.newer, to));
}

function spelled(
  name: string,
  value: ParameterValue | undefined,
  { postgresqlVersion }: SettingsOfPlan,
): ParameterValue | undefined {
  const parameter = findParameter(name, postgresqlVersion);
  return parameter === undefined || value === undefined ? value : (canonicalValue(parameter, value) ?? value);
}
