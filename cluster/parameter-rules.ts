import { allowedValues, canonicalValue, findParameter, parameterNames } from "./parameters.ts";
import type { ParameterValue } from "./plan-types.ts";
import { refusalOf } from "./refused-parameters.ts";
import type { Rule } from "./rules.ts";
import type { ClusterSpec } from "./spec.ts";
import type { SpecIssue } from "./spec-error.ts";
import { didYouMean } from "./spelling.ts";

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
  if (refusal !== undefined) return [{ path, value, ...refusal }];
  const parameter = findParameter(name);
  if (parameter === undefined) {
    const remedy = didYouMean(
      name,
      parameterNames,
      "Remove it: no parameter that can be set here has such a name.",
    );
    return [{ path, message: "unknown parameter", remedy }];
  }
  if (parameter.since !== undefined && version < parameter.since) {
    const message = `PostgreSQL ${version} does not have it; ${parameter.since} and newer do`;
    return [{ path, value, message, remedy: `Remove it, or set postgresql.version to ${parameter.since}.` }];
  }
  if (canonicalValue(parameter, value) !== undefined) return [];
  const message = `must be ${allowedValues(parameter)}`;
  return [{ path, value, message, remedy: `Write for example ${name}: ${parameter.default}.` }];
}
