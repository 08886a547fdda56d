import { z } from "zod";
import {
  checkChange,
  describeParameterChange,
  formatIssue,
  parseSpec,
  planCluster,
} from "../../cluster/index.ts";
import type { Checked, Kind } from "../kind.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({ specification: z.unknown().optional() });

/**
 * The specification that a cluster was last made from. It is the first resource and all others depend on it, so that
 * a change which may not be made is refused, in the preview too, before anything is touched.
 */
export const specification: Kind = {
  create: async () => ({ id: "specification", outputs: {} }),
};

/** Refuses what may not change; tells what is changed by replacing members, which no other resource can say. */
export async function checkSpecification(olds: Properties, news: Properties): Promise<Checked> {
  const [old, now] = [inputs.parse(olds).specification, inputs.parse(news).specification];
  if (old === undefined) return { refusals: [], sentences: [] };
  const issues = checkChange(old, now);
  if (issues.length > 0) {
    return {
      refusals: issues.map((issue) => ({ property: issue.path, reason: formatIssue(issue) })),
      sentences: [],
    };
  }
  const [from, to] = [planCluster(parseSpec(old)), planCluster(parseSpec(now))];
  const { replacement, sentences } = describeParameterChange(from, to);
  // What is reloaded or restarted is said where it is done.
  const isReplaced = (sentence: string) => replacement.some((name) => sentence.startsWith(`${name} `));
  return {
    refusals: [],
    sentences: replacement.length === 0 ? [] : [...sentences.filter(isReplaced), sentences.at(-1) ?? ""],
  };
}
