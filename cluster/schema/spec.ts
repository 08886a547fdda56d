import { runRules } from "../rules/rules.ts";
import { type ClusterSpec, withDefaults } from "./cluster-spec.ts";
import { clusterSchema, imagesSchema } from "./schema.ts";
import { readLeniently } from "./schema-issues.ts";
import { imagesKey, SpecError, type SpecIssue } from "./spec-error.ts";

/**
 * Checks a specification and fills in its defaults.
 *
 * @param input the value of `spilo:cluster`.
 * @param images the value of `spilo:images`, if there is one: defaults for the image keys.
 * @throws SpecError with everything that is wrong, at once.
 */
export function parseSpec(input: unknown, images: unknown = {}): ClusterSpec {
  const { spec, issues } = readSpec(input, images);
  if (spec === undefined || issues.length > 0) throw new SpecError(issues);
  return spec;
}

/** What came of reading a specification. */
export interface SpecReading {
  /** The sound part of it with all defaults; absent when there is nothing to go on with. */
  readonly spec?: ClusterSpec;
  readonly issues: readonly SpecIssue[];
}

/** Reads a specification, telling all that is wrong, and goes on with the sound part of it. */
export function readSpec(input: unknown, images: unknown = {}): SpecReading {
  const names = readLeniently(imagesSchema, images, imagesKey);
  const written = readLeniently(clusterSchema, input, "");
  const found = [...written.issues, ...names.issues];
  // What is sound is checked further, so that one run shows every error.
  const spec = written.value && withDefaults(written.value, names.value ?? {});
  return spec === undefined
    ? { issues: found }
    : { spec, issues: [...found, ...runRules(spec, written.broken)] };
}
