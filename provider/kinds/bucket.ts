import { z } from "zod";
import { reasonOf } from "../../actions/action-error.ts";
import { withStore } from "../../actions/object-store.ts";
import { waitFor } from "../../actions/wait.ts";
import type { Kind, KindContext } from "../kind.ts";

const inputs = z.object({
  endpoint: z.string(),
  ca: z.string().optional(),
  region: z.string(),
  name: z.string(),
  accessKey: z.string(),
  secretKey: z.string(),
  /** The stack's own S3 server keeps it. */
  ownServer: z.boolean(),
});

/**
 * A bucket for WAL and base backups.
 *
 * One that is there already is taken over: each incarnation of a cluster has a prefix of its own in it. Deletion never
 * destroys backups. In the stack's own server nothing is deleted, as the bucket goes with the server's volume; elsewhere
 * the bucket is removed if it is empty, and left if not, or if nobody answers any more.
 */
export const bucket: Kind = {
  create: async (properties, context) => {
    const access = inputs.parse(properties);
    await make(access, context);
    return { id: access.name, outputs: {} };
  },
  /** At another endpoint. The former one is left alone: it may be gone, or hold backups. */
  update: async (olds, news, context) => {
    const access = inputs.parse(news);
    if (inputs.parse(olds).endpoint !== access.endpoint) await make(access, context);
    return {};
  },
  delete: async (properties, { report }) => {
    const access = inputs.parse(properties);
    if (access.ownServer) return;
    try {
      if (await withStore(access, (store) => store.removeEmptyBucket(access.name))) return;
      report(`the bucket ${access.name} at ${access.endpoint} holds backups and is left`);
    } catch (error) {
      report(`the bucket ${access.name} is left: ${reasonOf(error)}`, "warning");
    }
  },
};

/** Waits for a server that is still starting. */
async function make(access: z.infer<typeof inputs>, { signal }: KindContext): Promise<void> {
  const waiting = { deadlineMs: 60_000, everyMs: 250, signal };
  const remedy = "Check the endpoint, or the log of the S3 server, and run `pulumi up` again";
  const what = `the bucket ${access.name} at ${access.endpoint}`;
  await withStore(access, (store) =>
    waitFor({ what, remedy, ...waiting }, async () => {
      await store.makeBucket(access.name);
      return { found: true };
    }),
  );
}
