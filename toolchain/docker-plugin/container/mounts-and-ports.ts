/** How a container's definition says what is mounted into it and which ports are reachable. */
import { type Engine, isOlder } from "../engine.ts";
import { fromLabels } from "../labels.ts";
import {
  flag,
  isProperties,
  mapping,
  type Properties,
  record,
  records,
  text,
  whole,
  withoutZeros,
} from "../values.ts";

/** `mounts`, the long form. @throws when this engine is too old for a volume's options */
export function mounts(engine: Engine, inputs: Properties): Properties[] {
  return records(inputs, "mounts").map((mount) => ({
    Type: text(mount, "type"),
    Target: text(mount, "target"),
    Source: text(mount, "source"),
    ReadOnly: flag(mount, "readOnly"),
    ...mountOptions(engine, mount),
  }));
}

/** `volumes`, the short form, and published ports. */
export function bindings(inputs: Properties): Properties {
  const volumes = records(inputs, "volumes");
  const ports: Record<string, Properties[]> = {};
  for (const port of records(inputs, "ports")) {
    const bound = ports[portKey(port)] ?? [];
    ports[portKey(port)] = [...bound, hostPort(port)];
  }
  return withoutZeros({
    Binds: volumes.filter((volume) => text(volume, "fromContainer") === "").flatMap(bind),
    VolumesFrom: volumes.map((volume) => text(volume, "fromContainer")).filter((name) => name !== ""),
    PortBindings: ports,
  });
}

/** Each port as the engine names it, with nothing to say about it. */
export function exposedPorts(inputs: Properties): Properties {
  return Object.fromEntries(records(inputs, "ports").map((port) => [portKey(port), {}]));
}

/**
 * Every path that `volumes` mounts something on.
 *
 * @throws when an entry names neither or both of a path and a container
 */
export function mountPoints(inputs: Properties): Properties {
  const paths = records(inputs, "volumes").flatMap((volume) => {
    const from = text(volume, "fromContainer");
    const path = text(volume, "containerPath");
    const parsing = "Unable to parse volumes: ";
    if (from === "" && path === "") {
      throw new Error(`${parsing}volume entry without container path or source container`);
    }
    if (from !== "" && path !== "") {
      throw new Error(`${parsing}both a container and a path specified in a volume entry`);
    }
    return path === "" ? [] : [path];
  });
  return Object.fromEntries(paths.map((path) => [path, {}]));
}

function mountOptions(engine: Engine, mount: Properties): Properties {
  const options = (name: string) => (isProperties(mount[name]) ? record(mount, name) : undefined);
  const bindOptions = options("bindOptions");
  const tmpfsOptions = options("tmpfsOptions");
  const volumeOptions = options("volumeOptions");
  switch (text(mount, "type")) {
    case "bind":
      return bindOptions ? { BindOptions: { Propagation: text(bindOptions, "propagation") } } : {};
    case "tmpfs":
      return tmpfsOptions
        ? { TmpfsOptions: { SizeBytes: whole(tmpfsOptions, "sizeBytes"), Mode: whole(tmpfsOptions, "mode") } }
        : {};
    default:
      return volumeOptions ? { VolumeOptions: volumeMountOptions(engine, volumeOptions) } : {};
  }
}

/** The official provider refuses any volume options on an older engine, since it always sends a subpath. */
function volumeMountOptions(engine: Engine, options: Properties): Properties {
  if (isOlder(engine.api, "1.45")) {
    throw new Error("Setting VolumeOptions.Subpath requires docker version 1.45 or higher");
  }
  return {
    NoCopy: flag(options, "noCopy"),
    Labels: fromLabels(records(options, "labels")),
    DriverConfig: { Name: text(options, "driverName"), Options: mapping(options, "driverOptions") },
    Subpath: text(options, "subpath"),
  };
}

/** A host's path goes before a volume's name. Without either, the engine makes a volume of its own. */
function bind(volume: Properties): string[] {
  const source = text(volume, "hostPath") || text(volume, "volumeName");
  if (source === "") return [];
  const mode = flag(volume, "readOnly") ? "ro" : "rw";
  const relabel = text(volume, "selinuxRelabel");
  return [`${source}:${text(volume, "containerPath")}:${relabel === "" ? mode : `${mode},${relabel}`}`];
}

function portKey(port: Properties): string {
  return `${whole(port, "internal")}/${text(port, "protocol") || "tcp"}`;
}

/** Port 0 leaves the choice to the engine. */
function hostPort(port: Properties): Properties {
  return { HostIp: text(port, "ip") || "0.0.0.0", HostPort: String(whole(port, "external")) };
}
