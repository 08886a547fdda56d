import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { parse } from "yaml";
import { z } from "zod";
import type { Configured } from "../../cluster/impact/declared.ts";
import { type Preview, readPreview, readState, type Step } from "../../cluster/impact/preview.ts";
import { jsonIn } from "../../cluster/json-in.ts";
import { ActionError, reasonOf } from "../action-error.ts";
import type { PulumiPlace } from "../run-pulumi.ts";
import type { StackFile } from "../zones/stack-file.ts";
import { pulumiSays } from "./pulumi-words.ts";

/** The text of a file, or of standard input for `-`. @throws ActionError `failed` when it cannot be read. */
export async function textFrom(option: string, file: string): Promise<string> {
  try {
    return file === "-" ? await textOf(process.stdin) : await readFile(file, "utf8");
  } catch (error) {
    throw new ActionError("failed", `${option} ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** A preview that was saved. @throws ActionError `failed` when it is none. */
export function savedPreview(file: string, text: string): Preview {
  const found = readPreview(text);
  if (found !== undefined) return found;
  throw new ActionError(
    "failed",
    `--preview ${file}: no preview of Pulumi's\nSave one by \`pulumi preview --json --show-sames\`.`,
  );
}

/**
 * Makes a preview of the stack: of an update, or of a destroy. One that is refused is told all the same, with what stops
 * it.
 *
 * @throws ActionError `failed` when Pulumi says nothing that could be read, and when it ended before its end without an
 *   error among what it says: one that was cut off shows a part of what would be done.
 */
export async function makePreview(place: PulumiPlace, isDestroy: boolean): Promise<Preview> {
  const args = isDestroy ? ["destroy", "--preview-only", "--json"] : ["preview", "--json", "--show-sames"];
  const { exitCode, stdout, why } = await pulumiSays(args, place);
  const found = readPreview(stdout);
  if (found !== undefined && (exitCode === 0 || found.errors.length > 0)) return found;
  if (found !== undefined) {
    throw new ActionError(
      "failed",
      `there is no plan: the preview of ${stackInWords(place)} did not come to its end: ${why}\nRun it once more.`,
    );
  }
  throw new ActionError(
    "failed",
    `no preview of ${stackInWords(place)}: ${why}\n` +
      "Name the stack with --stack, and log in to its backend. Where no engine can be reached, --offline does without a preview.",
  );
}

/** A state that was exported. @throws ActionError `failed` when it is none. */
export function savedState(file: string, text: string): readonly Step[] {
  const found = readState(text);
  if (found !== undefined) return found;
  throw new ActionError("failed", `--state ${file}: no exported state\nSave one by \`pulumi stack export\`.`);
}

/** The state of the stack, from its backend alone. @throws ActionError `failed` when it cannot be exported. */
export async function exportState(place: PulumiPlace): Promise<readonly Step[]> {
  const { exitCode, stdout, why } = await pulumiSays(["stack", "export"], place);
  const found = exitCode === 0 ? readState(stdout) : undefined;
  if (found !== undefined) return found;
  throw new ActionError(
    "failed",
    `the state of ${stackInWords(place)} cannot be exported: ${why}\n` +
      "Name the stack with --stack, log in to its backend, or hand in the file with --state.",
  );
}

const stackConfiguration = z.looseObject({
  config: z
    .looseObject({ "spilo:cluster": z.unknown().optional(), "spilo:images": z.unknown().optional() })
    .nullish(),
});

/** What the configuration of a stack declares. @throws ActionError `failed` when it is no YAML. */
export function configuredIn({ stack, path, text }: StackFile): Configured {
  try {
    const config = stackConfiguration.parse(parse(text)).config ?? {};
    return {
      stack,
      specification: shownIn(config["spilo:cluster"]),
      images: shownIn(config["spilo:images"]) ?? {},
    };
  } catch (error) {
    throw new ActionError("failed", `${path}: cannot be read\n${reasonOf(error)}\nMend it first.`, {
      cause: error,
    });
  }
}

/** The same, as a preview has kept it. Its resources name the stack. */
export function configuredInPreview({ config, steps }: Preview): Configured {
  const stack = steps[0]?.urn.split("::")[0]?.replace(/^urn:pulumi:/, "") ?? "";
  return {
    stack,
    specification: shownIn(config["spilo:cluster"]),
    images: shownIn(config["spilo:images"]) ?? {},
  };
}

/** A secret is not shown, and so is no JSON. */
function shownIn(value: unknown): unknown {
  return typeof value === "string" ? jsonIn(value) : value;
}

function stackInWords({ stack }: PulumiPlace): string {
  return stack === undefined ? "the selected stack" : `stack ${stack}`;
}
