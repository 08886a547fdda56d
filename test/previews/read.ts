import { readFileSync } from "node:fs";
import { configuredInPreview } from "../../actions/impact/sources.ts";
import type { ClusterChange } from "../../cluster/impact/declared.ts";
import { readPreview, readState } from "../../cluster/impact/preview.ts";
import { previewedChanges } from "../../cluster/impact/previewed-changes.ts";

/**
 * What Pulumi said of a real cluster of three members with a logical slot, as `plan` reads it: inputs that nobody reads are
 * left out, and secrets were never in it.
 */
export function recorded(name: string) {
  const text = readFileSync(new URL(`${name}.json`, import.meta.url), "utf8");
  const found = readPreview(text);
  if (found === undefined) throw new Error(`${name}: is no preview`);
  return found;
}

/** The state that all of the previews began from. */
export function recordedState() {
  const found = readState(readFileSync(new URL("state.json", import.meta.url), "utf8"));
  if (found === undefined) throw new Error("the state is none");
  return found;
}

/** The one change that a recorded preview shows. */
export function recordedChange(name: string): ClusterChange {
  const preview = recorded(name);
  const [change, ...others] = previewedChanges(preview, configuredInPreview(preview), recordedState());
  if (change === undefined || others.length > 0) throw new Error(`${name}: is not of one cluster`);
  return change;
}
