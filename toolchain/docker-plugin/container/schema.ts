/** What the provider knows of a container's properties: 5.1.0's classes of change, and 5.2.0's additions. */
import { atLeast, base64, duration, matching, oneOf } from "../checks.ts";
import {
  computedReplaces,
  labelFields,
  output,
  type Property,
  replaces,
  type Schema,
  updates,
} from "../schema.ts";
import { isProperties, text, type Value, whole } from "../values.ts";

const portFields: Schema = {
  internal: replaces("whole", { required: true }),
  external: computedReplaces("whole"),
  ip: replaces("text", { default: "0.0.0.0" }),
  protocol: replaces("text", { default: "tcp" }),
};

const uploadFields: Schema = {
  file: replaces("text", { required: true }),
  content: replaces("text"),
  contentBase64: replaces("text", { check: base64 }),
  source: replaces("text"),
  sourceHash: replaces("text"),
  executable: replaces("flag", { default: false }),
  permissions: replaces("text", { check: matching(/^0?[0-7]{3,4}$/, "an octal mode such as 0644") }),
  owner: replaces("text"),
  group: replaces("text"),
};

const attachmentFields: Schema = {
  name: replaces("text", { required: true }),
  aliases: replaces("textSet"),
  ipv4Address: replaces("text"),
  ipv6Address: replaces("text"),
  linkLocalIps: replaces("textSet"),
  macAddress: replaces("text"),
  driverOpts: replaces("textSet"),
  gwPriority: replaces("whole"),
};

const mountFields: Schema = {
  target: replaces("text", { required: true }),
  type: replaces("text", { required: true, check: oneOf("bind", "volume", "tmpfs") }),
  source: replaces("text"),
  readOnly: replaces("flag"),
  bindOptions: replaces("record", { fields: { propagation: replaces("text") } }),
  tmpfsOptions: replaces("record", { fields: { mode: replaces("whole"), sizeBytes: replaces("whole") } }),
  volumeOptions: replaces("record", {
    fields: {
      noCopy: replaces("flag"),
      labels: replaces("recordSet", { fields: labelFields }),
      driverName: replaces("text"),
      driverOptions: replaces("mapping"),
      subpath: replaces("text"),
    },
  }),
};

const volumeFields: Schema = {
  containerPath: replaces("text"),
  hostPath: replaces("text", { check: matching(/^\//, "an absolute path") }),
  volumeName: replaces("text"),
  fromContainer: replaces("text"),
  readOnly: replaces("flag"),
  selinuxRelabel: replaces("text", { check: oneOf("z", "Z") }),
};

const healthFields: Schema = {
  tests: updates("texts", { required: true }),
  interval: updates("text", { default: "0s", check: duration }),
  timeout: updates("text", { default: "0s", check: duration }),
  startPeriod: updates("text", { default: "0s", check: duration }),
  startInterval: updates("text", { default: "0s", check: duration }),
  retries: updates("whole"),
};

const deviceFields: Schema = {
  hostPath: replaces("text", { required: true }),
  containerPath: replaces("text"),
  permissions: replaces("text"),
};

const requestFields: Schema = {
  driver: replaces("text"),
  count: replaces("whole"),
  deviceIds: replaces("texts"),
  capabilities: replaces("texts"),
  options: replaces("mapping"),
};

const rates: Property = updates("recordSet", {
  fields: { path: updates("text", { required: true }), rate: updates("whole", { required: true }) },
});

const atLeast0 = { check: atLeast(0) };

/** Filled in by the engine when the program leaves them out. */
const computed: Schema = {
  command: computedReplaces("texts"),
  entrypoints: computedReplaces("texts"),
  envs: computedReplaces("textSet"),
  hostname: computedReplaces("text"),
  ipcMode: computedReplaces("text"),
  labels: computedReplaces("recordSet", { fields: labelFields }),
  logDriver: computedReplaces("text"),
  platform: computedReplaces("text"),
  runtime: computedReplaces("text"),
  securityOpts: computedReplaces("textSet"),
  shmSize: computedReplaces("whole", atLeast0),
  stopSignal: computedReplaces("text"),
  stopTimeout: computedReplaces("whole"),
  healthcheck: updates("record", { computed: true, fields: healthFields }),
  init: updates("flag", { computed: true }),
};

/** Decided when the container is made. */
const fixed: Schema = {
  name: replaces("text"),
  image: replaces("text", { required: true }),
  capabilities: replaces("record", { fields: { adds: replaces("textSet"), drops: replaces("textSet") } }),
  cgroupParent: replaces("text"),
  cgroupnsMode: replaces("text", { check: oneOf("private", "host") }),
  cpus: replaces("text", { check: matching(/^\d*\.?\d+$/, "a number of CPUs such as 1.5") }),
  deviceCgroupRules: replaces("textSet"),
  deviceRequests: replaces("records", { fields: requestFields }),
  devices: replaces("recordSet", { fields: deviceFields }),
  dns: replaces("textSet"),
  dnsOpts: replaces("textSet"),
  dnsSearches: replaces("textSet"),
  domainname: replaces("text"),
  gpus: replaces("text", { notCovered: "use 'deviceRequests'" }),
  groupAdds: replaces("textSet"),
  hosts: replaces("recordSet", {
    fields: { host: replaces("text", { required: true }), ip: replaces("text", { required: true }) },
  }),
  logOpts: replaces("mapping"),
  mounts: replaces("recordSet", { fields: mountFields }),
  networkMode: replaces("text", { default: "bridge" }),
  networksAdvanced: replaces("recordSet", { fields: attachmentFields }),
  pidMode: replaces("text"),
  ports: replaces("records", { fields: portFields, arrange: settleTies }),
  privileged: replaces("flag"),
  publishAllPorts: replaces("flag"),
  readOnly: replaces("flag", { default: false }),
  stdinOpen: replaces("flag", { default: false }),
  storageOpts: replaces("mapping"),
  sysctls: replaces("mapping"),
  tty: replaces("flag", { default: false }),
  ulimits: replaces("recordSet", {
    fields: {
      name: replaces("text", { required: true }),
      soft: replaces("whole", { required: true }),
      hard: replaces("whole", { required: true }),
    },
  }),
  uploads: replaces("recordSet", { fields: uploadFields }),
  user: replaces("text", { kept: true }),
  usernsMode: replaces("text"),
  volumes: replaces("recordSet", { fields: volumeFields }),
  workingDir: replaces("text", { kept: true }),
};

/** A change reaches the running container. */
const live: Schema = {
  restart: updates("text", { default: "no", check: oneOf("no", "on-failure", "always", "unless-stopped") }),
  maxRetryCount: updates("whole"),
  memory: updates("whole", atLeast0),
  memoryReservation: updates("whole", atLeast0),
  memorySwap: updates("whole", { check: atLeast(-1) }),
  cpuShares: updates("whole", atLeast0),
  cpuSet: updates("text", { check: matching(/^\d+([,-]\d+)*$/, "CPUs such as 0-1 or 0,2") }),
  deviceReadBps: rates,
  deviceReadIops: rates,
  deviceWriteBps: rates,
  deviceWriteIops: rates,
  mustRun: updates("flag", { default: true }),
};

/** A change is only written down: it matters at the next create, read or delete. */
const noted: Schema = {
  tmpfs: updates("mapping"),
  cpuPeriod: updates("whole", atLeast0),
  cpuQuota: updates("whole", atLeast0),
  rm: updates("flag", { default: false }),
  start: updates("flag", { default: true }),
  wait: updates("flag", { default: false }),
  waitTimeout: updates("whole", { default: 60 }),
  attach: updates("flag", { default: false }),
  logs: updates("flag", { default: false }),
  removeVolumes: updates("flag", { default: true }),
  destroyGraceSeconds: updates("whole"),
  containerReadRefreshTimeoutMilliseconds: updates("whole", { default: 15_000 }),
};

const outputs: Schema = {
  bridge: output("text"),
  containerLogs: output("text"),
  exitCode: output("whole"),
  networkDatas: output("records"),
};

export const containerSchema: Schema = { ...computed, ...fixed, ...live, ...noted, ...outputs };

/** What `docker update` is told when one of them changes. */
export const liveLimits: ReadonlySet<string> = new Set(
  Object.keys(live).filter((name) => name !== "mustRun"),
);

/** The engine gives ports in ascending order; among tcp and udp of one number the order means nothing. */
function settleTies(ports: readonly Value[]): readonly Value[] {
  const known = ports.filter(isProperties);
  const settled = [...known];
  for (let start = 0; start < known.length; start += 1) {
    const number = whole(known[start] ?? {}, "internal");
    const end = known.findIndex((port, index) => index > start && whole(port, "internal") !== number);
    const tied = known.slice(start, end === -1 ? known.length : end);
    tied.sort((left, right) => (protocol(left) < protocol(right) ? -1 : 1));
    settled.splice(start, tied.length, ...tied);
    start += tied.length - 1;
  }
  return settled;
}

function protocol(port: { readonly [name: string]: Value | undefined }): string {
  return text(port, "protocol") || "tcp";
}
