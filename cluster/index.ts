/** The pure core: what the user asks for, checked, and everything that follows from it. Imports no Pulumi. */

export { isOpenByRole } from "./aws/names.ts";
export { describeReachOf } from "./aws/reach.ts";
export { archivePrefix, dcsConfigKey, dcsNamespace, type Incarnation } from "./incarnation.ts";
export { archivesElsewhere } from "./leases/marker.ts";
export {
  describeParameterChange,
  type ParameterChange,
  type SettingsOfPlan,
} from "./parameters/parameter-change.ts";
export { sharedMemoryFive } from "./parameters/parameters.ts";
export { planCluster } from "./plan.ts";
export type * from "./plan-types.ts";
export { containerPaths, identityFiles, identityPath } from "./render/container-paths.ts";
export {
  type EnvVariable,
  type MemberSecrets,
  renderArchiveEnv,
  renderEtcd,
  renderMemberEnv,
  renderSpiloConfiguration,
  restoreWal,
  secretMemberEnv,
} from "./render/render.ts";
export {
  type ArchivedCluster,
  copyArchive,
  fromOrigin,
  renderOriginEnv,
  renderSecondEnv,
} from "./render/render-origin.ts";
export { type PooledPart, poolerLogin, renderPgbouncer, renderPoolerUsers } from "./render/render-pooler.ts";
export { renderHaproxy, renderKeepalived } from "./render/render-proxy.ts";
export { checkOrigin, type Origin } from "./restore/origin.ts";
export { followingSettings, sourceOf } from "./restore/standby.ts";
export { sparesOf } from "./rotation/logins.ts";
export {
  applicationRoleNames,
  etcdRole,
  groups,
  probeDatabase,
  type RolePurpose,
  roleNames,
  superuser,
} from "./rotation/roles.ts";
export * from "./rotation/rotation.ts";
export { describeRotation } from "./rotation/rotation-change.ts";
export { checkChange } from "./rules/change-rules.ts";
export type { ClusterSpec, ImageNames } from "./schema/cluster-spec.ts";
export type * from "./schema/cluster-spec-input.ts";
export { parseSpec } from "./schema/spec.ts";
export { formatIssue, SpecError, type SpecIssue } from "./schema/spec-error.ts";
export { guardedIn } from "./schema/stack-defaults.ts";
export { applyMergePatch, type Json, type JsonObject } from "./settings/merge-patch.ts";
export {
  describeChange,
  type RestartOrder,
  type SettingsChange,
  type SettingsPhase,
} from "./settings/settings-change.ts";
export { describeVolume } from "./upkeep/volume.ts";
