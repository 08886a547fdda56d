import { z } from "zod";
import { checkRotation } from "../../actions/logins/check-rotation.ts";
import {
  checkChange,
  describeParameterChange,
  describeReachOf,
  describeRotation,
  describeVolume,
  formatIssue,
  parseSpec,
  planCluster,
} from "../../cluster/index.ts";
import type { Checked, Kind } from "../kind.ts";
import type { Properties } from "../wire.ts";

const inputs = z.object({ specification: z.unknown().optional() });

/**
 * The specification that a cluster was last made from. It is the first resource and all others depend on it, so that
 * a change which may not be made is refused, in the preview too, before anything is touched. An update when passwords are
 * rotated: whether that may begin, only the cluster can say, and afterwards there are new passwords already.
 */
export const specification: Kind = {
  create: async () => ({ id: "specification", outputs: {} }),
  update: async (olds, news, { signal }) => {
    const [older, newer] = [olds, news].map((one) => parseSpec(inputs.parse(one).specification));
    if (older !== undefined && newer !== undefined) await checkRotation(older, newer, signal);
    return {};
  },
};

/**
 * Refuses what may not change; tells what no other resource can say: what is changed by replacing members, and what is
 * declared without an effect on any of them.
 */
export async function checkSpecification(olds: Properties, news: Properties): Promise<Checked> {
  const [old, now] = [inputs.parse(olds).specification, inputs.parse(news).specification];
  if (old === undefined) return { refusals: [], sentences: sizeAndReach(undefined, now) };
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
    sentences: [
      ...(replacement.length === 0 ? [] : [...sentences.filter(isReplaced), sentences.at(-1) ?? ""]),
      ...sizeAndReach(old, now),
      ...describeRotation(parseSpec(old), parseSpec(now)),
    ],
  };
}

function sizeAndReach(old: unknown, now: unknown): readonly string[] {
  const [before, after] = [old === undefined ? undefined : parseSpec(old), parseSpec(now)];
  return [describeVolume(before, after), describeReachOf(before, after)].filter((one) => one !== undefined);
}
