import type { AuthorityTools } from "../../actions/authority/tools.ts";
import { containerExec } from "../../actions/container-exec.ts";
import { restartContainer } from "../../actions/container-restart.ts";
import { containerRuns } from "../../actions/container-runs.ts";
import { changePartFiles } from "../../actions/part-files.ts";
import { certificateIsServed } from "../../actions/served-certificate.ts";
import { observeVoters } from "../../actions/status/voters.ts";
import { isTaken } from "../../actions/taken-certificate.ts";
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
