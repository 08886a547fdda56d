/** What the engine knows of a container, in the provider's words. */
import { formatDuration } from "../durations.ts";
import {
  flag,
  isList,
  isProperties,
  isZero,
  mapping,
  type Properties,
  record,
  records,
  text,
  texts,
  type Value,
  whole,
  withoutZeros,
} from "../values.ts";

const MIB = 1024 * 1024;

/**
 * The state after a look at the container. What the engine cannot tell apart from the image's own settings (envs,
 * labels) or does not keep (networksAdvanced, uploads, volumes, what concerns only Pulumi) stays as it was.
 *
 * @param inspected the engine's answer
 */
export function observed(inspected: Properties, state: Properties): Properties {
  const config = record(inspected, "Config");
  const host = record(inspected, "HostConfig");
  return {
    ...state,
    ...identity(inspected, config),
    ...running(inspected, state),
    ...process(config),
    ...names(host),
    ...limits(host),
    ...collections(host),
    mounts: records(host, "Mounts").map(mountOf),
    ...healthcheck(config),
  };
}

/** Capabilities as the engine spells them; nothing when it was asked for none. */
export function observedCapabilities(inspected: Properties): Properties {
  const host = record(inspected, "HostConfig");
  const capabilities = withoutZeros({ adds: texts(host, "CapAdd"), drops: texts(host, "CapDrop") });
  return isZero(capabilities) ? {} : { capabilities };
}

function identity(inspected: Properties, config: Properties): Properties {
  return {
    name: text(inspected, "Name").replace(/^\//, ""),
    image: text(config, "Image"),
    hostname: text(config, "Hostname"),
    domainname: text(config, "Domainname"),
  };
}

/**
 * A container that does not run has no ports or addresses of its own, so its last ones stay; that it should run shows
 * as a difference in `mustRun`. While the engine restarts a process over and over, it counts as running.
 */
function running(inspected: Properties, state: Properties): Properties {
  const now = record(inspected, "State");
  const settings = record(inspected, "NetworkSettings");
  const runs = flag(now, "Running");
  const attached = Object.entries(record(settings, "Networks")).map(networkData);
  return {
    bridge: text(settings, "Bridge"),
    networkDatas: attached,
    ...(runs ? { ports: portsOf(record(settings, "Ports")) } : { ports: state["ports"] ?? [] }),
    ...(!runs && { mustRun: false, exitCode: whole(now, "ExitCode") }),
  };
}

function networkData([networkName, value]: [string, Value | undefined]): Properties {
  const data = isProperties(value) ? value : {};
  return {
    networkName,
    ipAddress: text(data, "IPAddress"),
    ipPrefixLength: whole(data, "IPPrefixLen"),
    gateway: text(data, "Gateway"),
    globalIpv6Address: text(data, "GlobalIPv6Address"),
    globalIpv6PrefixLength: whole(data, "GlobalIPv6PrefixLen"),
    ipv6Gateway: text(data, "IPv6Gateway"),
    macAddress: text(data, "MacAddress"),
  };
}

/** Ascending by the port inside; a port that is only exposed is not published and does not count. */
function portsOf(ports: Properties): Properties[] {
  const published = Object.entries(ports).flatMap(([key, hosts]) => {
    const [number, protocol = "tcp"] = key.split("/");
    return (isList(hosts) ? hosts.filter(isProperties) : []).map((binding) => ({
      internal: Number(number),
      external: Number(text(binding, "HostPort")),
      ip: text(binding, "HostIp"),
      protocol,
    }));
  });
  return published.sort((left, right) => left.internal - right.internal);
}

function process(config: Properties): Properties {
  return {
    command: texts(config, "Cmd"),
    entrypoints: texts(config, "Entrypoint"),
    user: text(config, "User"),
    workingDir: text(config, "WorkingDir"),
    tty: flag(config, "Tty"),
    stdinOpen: flag(config, "OpenStdin"),
    stopSignal: text(config, "StopSignal"),
    stopTimeout: whole(config, "StopTimeout"),
  };
}

function names(host: Properties): Properties {
  const restart = record(host, "RestartPolicy");
  return {
    restart: text(restart, "Name") || "no",
    maxRetryCount: whole(restart, "MaximumRetryCount"),
    networkMode: text(host, "NetworkMode"),
    pidMode: text(host, "PidMode"),
    ipcMode: text(host, "IpcMode"),
    usernsMode: text(host, "UsernsMode"),
    runtime: text(host, "Runtime"),
    logDriver: text(record(host, "LogConfig"), "Type"),
    privileged: flag(host, "Privileged"),
    publishAllPorts: flag(host, "PublishAllPorts"),
    readOnly: flag(host, "ReadonlyRootfs"),
    rm: flag(host, "AutoRemove"),
    init: flag(host, "Init"),
  };
}

function limits(host: Properties): Properties {
  const swap = whole(host, "MemorySwap");
  return {
    memory: Math.trunc(whole(host, "Memory") / MIB),
    memoryReservation: Math.trunc(whole(host, "MemoryReservation") / MIB),
    memorySwap: swap > 0 ? Math.trunc(swap / MIB) : swap,
    shmSize: Math.trunc(whole(host, "ShmSize") / MIB),
    cpuShares: whole(host, "CpuShares"),
    cpuSet: text(host, "CpusetCpus"),
  };
}

function collections(host: Properties): Properties {
  return {
    dns: texts(host, "Dns"),
    dnsOpts: texts(host, "DnsOptions"),
    dnsSearches: texts(host, "DnsSearch"),
    groupAdds: texts(host, "GroupAdd"),
    securityOpts: texts(host, "SecurityOpt"),
    tmpfs: mapping(host, "Tmpfs"),
    sysctls: mapping(host, "Sysctls"),
    storageOpts: mapping(host, "StorageOpt"),
    logOpts: mapping(record(host, "LogConfig"), "Config"),
    hosts: texts(host, "ExtraHosts").map(hostOf),
    devices: records(host, "Devices").map(deviceOf),
    ulimits: records(host, "Ulimits").map(ulimitOf),
  };
}

/** Only the first colon separates, since an IPv6 address has more. */
function hostOf(entry: string): Properties {
  const colon = entry.indexOf(":");
  return { host: entry.slice(0, colon), ip: entry.slice(colon + 1) };
}

function deviceOf(device: Properties): Properties {
  return {
    hostPath: text(device, "PathOnHost"),
    containerPath: text(device, "PathInContainer"),
    permissions: text(device, "CgroupPermissions"),
  };
}

function ulimitOf(ulimit: Properties): Properties {
  return { name: text(ulimit, "Name"), soft: whole(ulimit, "Soft"), hard: whole(ulimit, "Hard") };
}

function mountOf(mount: Properties): Properties {
  const tmpfs = record(mount, "TmpfsOptions");
  const volume = record(mount, "VolumeOptions");
  const driver = record(volume, "DriverConfig");
  return withoutZeros({
    type: text(mount, "Type"),
    target: text(mount, "Target"),
    source: text(mount, "Source"),
    readOnly: flag(mount, "ReadOnly"),
    bindOptions: withoutZeros({ propagation: text(record(mount, "BindOptions"), "Propagation") }),
    tmpfsOptions: withoutZeros({ sizeBytes: whole(tmpfs, "SizeBytes"), mode: whole(tmpfs, "Mode") }),
    volumeOptions: withoutZeros({
      noCopy: flag(volume, "NoCopy"),
      labels: Object.entries(mapping(volume, "Labels")).map(([label, value]) => ({ label, value })),
      driverName: text(driver, "Name"),
      driverOptions: mapping(driver, "Options"),
      subpath: text(volume, "Subpath"),
    }),
  });
}

function healthcheck(config: Properties): Properties {
  if (!isProperties(config["Healthcheck"])) return {};
  const check = record(config, "Healthcheck");
  const duration = (name: string) => formatDuration(whole(check, name));
  return {
    healthcheck: {
      tests: texts(check, "Test"),
      interval: duration("Interval"),
      timeout: duration("Timeout"),
      startPeriod: duration("StartPeriod"),
      startInterval: duration("StartInterval"),
      retries: whole(check, "Retries"),
    },
  };
}
