import { isDeepStrictEqual } from "node:util";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc.js";

/** Properties as the engine sends them: secrets are wrapped, values of a preview that do not exist yet are marked. */
export type Properties = Readonly<Record<string, unknown>>;

/** The same without the wrapping of secrets, at any depth. */
export function plain(properties: Properties): Properties {
  return asProperties(unwrap(properties));
}

/** Wraps a value so that the engine encrypts it in the state and never shows it. */
export function secret(value: unknown): Properties {
  return { [specialSigKey]: specialSecretSig, value };
}

/** Is it, or does it contain, something that only exists after the update? */
export function isUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(isUnknown);
}

/** Of these keys, those whose values differ; the order of an object's keys says nothing. */
export function changedKeys(keys: readonly string[], olds: Properties, news: Properties): readonly string[] {
  return keys.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
}

export function asProperties(value: unknown): Properties {
  return isObject(value) ? value : {};
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isObject(value)) return value;
  if (value[specialSigKey] === specialSecretSig) return unwrap(value["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrap(inner)]));
}

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
