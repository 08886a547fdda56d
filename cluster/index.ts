/** The pure core: what the user asks for, checked, and everything that follows from it. Imports no Pulumi. */
export { checkChange } from "./change-rules.ts";
export { containerPaths, identityFiles, identityPath } from "./container-paths.ts";
export { archivePrefix, dcsConfigKey, dcsNamespace, type Incarnation } from "./incarnation.ts";
export { applyMergePatch, type Json, type JsonObject } from "./merge-patch.ts";
export {
  describeParameterChange,
  type ParameterChange,
  type SettingsOfPlan,
} from "./parameter-change.ts";
export { sharedMemoryFive } from "./parameters.ts";
export { planCluster } from "./plan.ts";
export type * from "./plan-types.ts";
export {
  type EnvVariable,
  type MemberSecrets,
  renderArchiveEnv,
  renderEtcd,
  renderHaproxy,
  renderKeepalived,
  renderMemberEnv,
  renderSpiloConfiguration,
  secretMemberEnv,
} from "./render.ts";
export { poolerLogin, renderPgbouncer, renderPoolerUsers } from "./render-pooler.ts";
export {
  applicationRoleNames,
  etcdRole,
  groups,
  probeDatabase,
  type RolePurpose,
  roleNames,
  superuser,
} from "./roles.ts";
export * from "./rotation.ts";
export { describeRotation } from "./rotation-change.ts";
export {
  describeChange,
  type RestartOrder,
  type SettingsChange,
  type SettingsPhase,
} from "./settings-change.ts";
export { type ClusterSpec, type ClusterSpecInput, type ImageNames, parseSpec } from "./spec.ts";
export { formatIssue, SpecError, type SpecIssue } from "./spec-error.ts";
export { describeVolume } from "./volume.ts";
