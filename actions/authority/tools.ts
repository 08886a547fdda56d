import type { IdentityTools } from "../certificates/identity.ts";
import type { isTaken } from "../certificates/taken-certificate.ts";
import type { changePartFiles } from "../engine/part-files.ts";
import type { observeVoters } from "../status/voters.ts";
import type { voterMayBeReplaced } from "../voters/may-be-replaced.ts";
import type { Clock } from "../wait.ts";

/** What it takes to make parts trust somebody else; tests hand in others. */
export interface AuthorityTools {
  readonly change: typeof changePartFiles;
  readonly toolsFor: (engine: string) => IdentityTools & {
    readonly restart: (container: string) => Promise<void>;
  };
  readonly isTaken: typeof isTaken;
  readonly observe: typeof observeVoters;
  readonly mayBeRestarted: typeof voterMayBeReplaced;
  /** @default the system's */
  readonly clock?: Clock;
}
