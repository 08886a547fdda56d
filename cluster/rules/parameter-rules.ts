import { type Entry, findEntry, versionsOf } from "../parameters/catalogue.ts";
import {
  allowedValues,
  canonicalValue,
  findParameter,
  settableParameters,
} from "../parameters/parameters.ts";
import { refusalOf, refusedValue } from "../parameters/refused-parameters.ts";
import type { ParameterValue } from "../plan-types.ts";
import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import { didYouMean } from "../schema/spelling.ts";
import type { Rule } from "./rule.ts";

/** Each parameter by itself: is it known, may it be set, does it take the value? */
export const parameterRules: readonly Rule[] = [
  { reads: ["postgresql.parameters", "postgresql.version"], check: eachParameter },
];

function eachParameter({ postgresql: { parameters, version } }: ClusterSpec): readonly SpecIssue[] {
  return Object.entries(parameters).flatMap(([name, value]) => checkParameter(name, value, version));
}

function checkParameter(name: string, value: ParameterValue, version: number): readonly SpecIssue[] {
  const path = `postgresql.parameters.${name}`;
  const refusal = refusalOf(name);
  if (refusal !== undefined) {
    const { always, message, remedy } = refusal;
    return always !== undefined && isSwitchedTo(always, value) ? [] : [{ path, value, message, remedy }];
  }
  const entry = findEntry(name);
  if (entry === undefined) return [{ path, ...unknownName(name, version) }];
  const parameter = findParameter(name, version);
  if (parameter === undefined) return [{ path, value, ...otherVersions(entry, version) }];
  const refused = refusedValue(name, String(value).toLowerCase());
  if (refused !== undefined) return [{ path, value, message: refused.message, remedy: refused.remedy }];
  if (canonicalValue(parameter, value) !== undefined) return [];
  const message = `must be ${allowedValues(parameter)}`;
  return [
    {
      path,
      value,
      message,
      remedy: `Write for example ${name}: ${parameter.default === "" ? '""' : parameter.default}.`,
    },
  ];
}

function isSwitchedTo(word: "on" | "off", value: ParameterValue): boolean {
  return word === (value === true ? "on" : value === false ? "off" : String(value).toLowerCase());
}

function unknownName(name: string, version: number): Pick<SpecIssue, "message" | "remedy"> {
  const known = settableParameters(version).map((parameter) => parameter.name);
  const otherwise = name.includes(".")
    ? "Remove it: what belongs to an extension is set with ALTER DATABASE … SET or ALTER ROLE … SET."
    : "Remove it: no parameter that can be set here has such a name.";
  return { message: "unknown parameter", remedy: didYouMean(name, known, otherwise) };
}

function otherVersions(entry: Entry, version: number): Pick<SpecIssue, "message" | "remedy"> {
  const versions = versionsOf(entry);
  const [oldest = version, newest = version] = [versions[0], versions.at(-1)];
  if (version < oldest) {
    const message = `PostgreSQL ${version} does not have it; ${oldest} and newer do`;
    return { message, remedy: `Remove it, or set postgresql.version to ${oldest}.` };
  }
  const successor = successors[entry.name];
  return {
    message: `PostgreSQL ${version} does not have it; ${newest} was the last that did`,
    remedy: successor === undefined ? "Remove it." : `Remove it, and set ${successor}.`,
  };
}

/** What took the place of parameters that are gone. */
const successors: Readonly<Record<string, string>> = {
  force_parallel_mode: "debug_parallel_query, in a session",
  old_snapshot_threshold: "transaction_timeout",
};
