import { ActionError } from "../action-error.ts";
import { type PulumiEnded, type PulumiPlace, runPulumi } from "../run-pulumi.ts";

/**
 * What a command of Pulumi's CLI says that only looks.
 *
 * @throws ActionError `failed` when there is no CLI.
 */
export async function pulumiSays(args: readonly string[], place: PulumiPlace): Promise<PulumiEnded> {
  const ended = await runPulumi(args, place);
  if (ended !== undefined) return ended;
  throw new ActionError(
    "failed",
    "pulumi is not on PATH, or the folder is not there\n" +
      'Install the Pulumi CLI; in a checkout of pulumi-spilo, eval "$(./run env)" puts it on PATH.',
  );
}
