/**
 * What an operator does to a running cluster, for programs: read a stack, make a handle of it, call a verb.
 *
 *     const handle = clusterHandle(await readStackOutputs({ stack: "prod" }));
 *     const { haState } = await status(handle);
 */
export { type ExitCode, exitCodes } from "../cluster/running/exit-codes.ts";
export type { HaState } from "../cluster/running/ha-state.ts";
export { ActionError, type ActionErrorCode } from "./action-error.ts";
export { type ClusterEvent, readEvents, recordEvent } from "./events.ts";
export { type ClusterHandle, clusterHandle, type HandleOptions } from "./handle.ts";
export { parseStackOutputs, readStackOutputs, type StackOutputs } from "./stack-outputs.ts";
export { exitCodeOf } from "./status/degraded.ts";
export type { StatusReport } from "./status/report.ts";
export { type BackupNowOptions, type BackupNowReport, backupNow } from "./verbs/backup-now.ts";
export { failover } from "./verbs/failover.ts";
export { type HistoryOptions, type HistoryReport, history } from "./verbs/history.ts";
export { type BackupsReport, type ListBackupsOptions, listBackups } from "./verbs/list-backups.ts";
export { type MaintainOptions, type MaintainReport, maintain } from "./verbs/maintain.ts";
export { pause } from "./verbs/pause.ts";
export {
  type ClusterImpact,
  type PlanOptions,
  type PlanReport,
  plan,
  type ToldClaim,
} from "./verbs/plan.ts";
export { type ProbeZonesOptions, probeZones, type ZonesReport } from "./verbs/probe-zones.ts";
export { reinit } from "./verbs/reinit.ts";
export { restart } from "./verbs/restart.ts";
export {
  type ArchivePlace,
  type LifeReport,
  listLives,
  type RestoreOptions,
  type RestoreReport,
  restore,
  restoreFromBucket,
} from "./verbs/restore.ts";
export { resume } from "./verbs/resume.ts";
export { start } from "./verbs/start.ts";
export { type StatusOptions, status } from "./verbs/status.ts";
export { stop } from "./verbs/stop.ts";
export { type SweepOptions, type SweepReport, type SweptCluster, sweep } from "./verbs/sweep.ts";
export { switchover } from "./verbs/switchover.ts";
export { switchoverHome } from "./verbs/switchover-home.ts";
export { type Narrator, Refusal, silent } from "./verbs/verb.ts";
export { type VerifyBackupOptions, type VerifyReport, verifyBackup } from "./verbs/verify-backup.ts";
export { type VolumesReport, volumes } from "./verbs/volumes.ts";
