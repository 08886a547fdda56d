import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ActionError } from "../../actions/action-error.ts";
import { withStore } from "../../actions/object-store.ts";
import { findOrigin } from "../../actions/restore/find-origin.ts";
import { checkOrigin, formatIssue, type OriginPlan } from "../../cluster/index.ts";
import type { Checked, Kind, KindContext } from "../kind.ts";
import type { Properties } from "../wire.ts";

const target = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("time"), time: z.string() }),
  z.object({ kind: z.literal("lsn"), lsn: z.string() }),
  z.object({ kind: z.literal("latest") }),
]);

const archive = z.object({
  cluster: z.string(),
  incarnation: z.string().exactOptional(),
  target,
  endpoint: z.string(),
  region: z.string(),
  bucket: z.string(),
  ca: z.string().exactOptional(),
});

const inputs = z.object({
  source: z
    .object({ archive, postgresqlVersion: z.number(), accessKey: z.string(), secretKey: z.string() })
    .optional(),
});

/**
 * A token of eight hexadecimal digits for the life of a cluster; and, where it begins from an archive, what was found
 * there. That is looked for here, before anything else is made, and kept for as long as the cluster lives: what members are
 * made with must not change when the specification does not name the archive any more.
 */
export const incarnation: Kind = {
  create: async (properties, context) => {
    const { source } = inputs.parse(properties);
    const origin = source === undefined ? "" : JSON.stringify(await found(source, context));
    const token = randomBytes(4).toString("hex");
    return { id: token, outputs: { token, origin } };
  },
};

async function found(
  { archive: asked, postgresqlVersion, accessKey, secretKey }: NonNullable<z.infer<typeof inputs>["source"]>,
  { report }: KindContext,
) {
  try {
    const { origin, backup, life } = await withStore({ ...asked, accessKey, secretKey }, (store) =>
      findOrigin(store, asked, postgresqlVersion),
    );
    report(
      `begins from ${origin.cluster}, incarnation ${origin.incarnation}: with the base backup of ${backup.at} ` +
        `(${Math.round(backup.sizeBytes / 1e6)} MB) and the WAL since, of which the last is of ${life.wal.last?.at}`,
    );
    return origin;
  } catch (error) {
    // The keys of the specification are the ones to correct.
    if (!(error instanceof ActionError)) throw error;
    const message = error.message.replaceAll("backup.ca", "restoreFrom.ca");
    throw new ActionError(error.code, message, { cause: error });
  }
}

/** Nothing is restored over a cluster: one that is there was made from what it was made from. */
export async function checkIncarnation(olds: Properties | undefined, news: Properties): Promise<Checked> {
  if (olds === undefined) return { refusals: [], sentences: [] };
  const [before, now] = [archiveOf(olds), archiveOf(news)];
  const issue = checkOrigin(before, now);
  if (issue !== undefined) {
    return { refusals: [{ property: "source", reason: formatIssue(issue) }], sentences: [] };
  }
  return { refusals: [], sentences: [] };
}

function archiveOf(properties: Properties): OriginPlan | undefined {
  return inputs.parse(properties).source?.archive;
}
