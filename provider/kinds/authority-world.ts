import type { AuthorityTools } from "../../actions/authority/tools.ts";
import { certificateIsServed } from "../../actions/certificates/served-certificate.ts";
import { isTaken } from "../../actions/certificates/taken-certificate.ts";
import { containerExec } from "../../actions/engine/container-exec.ts";
import { restartContainer } from "../../actions/engine/container-restart.ts";
import { containerRuns } from "../../actions/engine/container-runs.ts";
import { changePartFiles } from "../../actions/engine/part-files.ts";
import { observeVoters } from "../../actions/status/voters.ts";
import { voterMayBeReplaced } from "../../actions/voters/may-be-replaced.ts";

/** Parts as they run. */
export const authorityWorld: AuthorityTools = {
  change: changePartFiles,
  toolsFor: (engine) => ({
    isRunning: (container) => containerRuns(engine, container),
    exec: containerExec(engine),
    isServed: certificateIsServed,
    restart: (container) => restartContainer(engine, container),
  }),
  isTaken,
  observe: observeVoters,
  mayBeRestarted: voterMayBeReplaced,
};
