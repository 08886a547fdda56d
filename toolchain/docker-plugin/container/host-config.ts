/** The half of a container's definition that concerns its host: limits, devices, names, rights. */
import type { Engine } from "../engine.ts";
import {
  flag,
  mapping,
  type Properties,
  record,
  records,
  text,
  texts,
  whole,
  withoutZeros,
} from "../values.ts";
import { mounts } from "./mounts-and-ports.ts";

const MIB = 1024 * 1024;

/** What `docker update` can change, in the engine's units. */
export function limits(inputs: Properties): Properties {
  const swapMib = whole(inputs, "memorySwap");
  return {
    RestartPolicy: { Name: text(inputs, "restart"), MaximumRetryCount: whole(inputs, "maxRetryCount") },
    CpuShares: whole(inputs, "cpuShares"),
    CpusetCpus: text(inputs, "cpuSet"),
    Memory: whole(inputs, "memory") * MIB,
    MemoryReservation: whole(inputs, "memoryReservation") * MIB,
    // -1 is no limit at all, not a number of MiB.
    MemorySwap: swapMib > 0 ? swapMib * MIB : swapMib,
    ...withoutZeros({
      BlkioDeviceReadBps: rates(inputs, "deviceReadBps"),
      BlkioDeviceReadIOps: rates(inputs, "deviceReadIops"),
      BlkioDeviceWriteBps: rates(inputs, "deviceWriteBps"),
      BlkioDeviceWriteIOps: rates(inputs, "deviceWriteIops"),
    }),
  };
}

export function hostConfig(engine: Engine, inputs: Properties): Properties {
  return {
    ...limits(inputs),
    ...cpuTime(inputs),
    Privileged: flag(inputs, "privileged"),
    PublishAllPorts: flag(inputs, "publishAllPorts"),
    AutoRemove: flag(inputs, "rm"),
    ReadonlyRootfs: flag(inputs, "readOnly"),
    Init: flag(inputs, "init"),
    Mounts: mounts(engine, inputs),
    ...withoutZeros({
      ...lists(inputs),
      ...names(inputs),
      ...maps(inputs),
      ShmSize: whole(inputs, "shmSize") * MIB,
      LogConfig: withoutZeros({ Type: text(inputs, "logDriver"), Config: mapping(inputs, "logOpts") }),
      Devices: records(inputs, "devices").map(device),
      DeviceRequests: records(inputs, "deviceRequests").map(deviceRequest),
      Ulimits: records(inputs, "ulimits").map(ulimit),
    }),
  };
}

/** A number of CPUs goes before a quota. */
function cpuTime(inputs: Properties): Properties {
  const cpus = Number(text(inputs, "cpus") || "0");
  if (cpus > 0) return { NanoCpus: Math.round(cpus * 1e9) };
  return withoutZeros({ CpuPeriod: whole(inputs, "cpuPeriod"), CpuQuota: whole(inputs, "cpuQuota") });
}

function lists(inputs: Properties): Properties {
  const capabilities = record(inputs, "capabilities");
  return {
    CapAdd: texts(capabilities, "adds").map(canonicalCapability),
    CapDrop: texts(capabilities, "drops").map(canonicalCapability),
    Dns: texts(inputs, "dns"),
    DnsOptions: texts(inputs, "dnsOpts"),
    DnsSearch: texts(inputs, "dnsSearches"),
    ExtraHosts: records(inputs, "hosts").map((host) => `${text(host, "host")}:${text(host, "ip")}`),
    GroupAdd: texts(inputs, "groupAdds"),
    SecurityOpt: texts(inputs, "securityOpts"),
    DeviceCgroupRules: texts(inputs, "deviceCgroupRules"),
  };
}

function names(inputs: Properties): Properties {
  return {
    NetworkMode: text(inputs, "networkMode"),
    PidMode: text(inputs, "pidMode"),
    IpcMode: text(inputs, "ipcMode"),
    UsernsMode: text(inputs, "usernsMode"),
    Runtime: text(inputs, "runtime"),
    CgroupParent: text(inputs, "cgroupParent"),
    CgroupnsMode: text(inputs, "cgroupnsMode"),
  };
}

function maps(inputs: Properties): Properties {
  return {
    Tmpfs: mapping(inputs, "tmpfs"),
    Sysctls: mapping(inputs, "sysctls"),
    StorageOpt: mapping(inputs, "storageOpts"),
  };
}

/** Docker's client spells capabilities out before it sends them, and that is how they come back. */
function canonicalCapability(name: string): string {
  const upper = name.toUpperCase();
  return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

function rates(inputs: Properties, name: string): Properties[] {
  return records(inputs, name).map((rate) => ({ Path: text(rate, "path"), Rate: whole(rate, "rate") }));
}

function device(entry: Properties): Properties {
  const hostPath = text(entry, "hostPath");
  return {
    PathOnHost: hostPath,
    PathInContainer: text(entry, "containerPath") || hostPath,
    CgroupPermissions: text(entry, "permissions") || "rwm",
  };
}

function deviceRequest(entry: Properties): Properties {
  const capabilities = texts(entry, "capabilities");
  return {
    Driver: text(entry, "driver"),
    Count: whole(entry, "count"),
    DeviceIDs: texts(entry, "deviceIds"),
    ...(capabilities.length > 0 && { Capabilities: [capabilities] }),
    Options: mapping(entry, "options"),
  };
}

function ulimit(entry: Properties): Properties {
  return { Name: text(entry, "name"), Soft: whole(entry, "soft"), Hard: whole(entry, "hard") };
}
