/** A container as the engine is asked to make it. */
import { parseDuration } from "../durations.ts";
import { type Engine, isOlder } from "../engine.ts";
import { fromLabels } from "../labels.ts";
import {
  flag,
  isZero,
  type Properties,
  record,
  records,
  text,
  texts,
  whole,
  withoutZeros,
} from "../values.ts";
import { hostConfig } from "./host-config.ts";
import { bindings, exposedPorts, mountPoints } from "./mounts-and-ports.ts";

/**
 * The body of the engine's create call.
 *
 * @throws when a property is meaningless, or this engine is too old for it
 */
export function createRequest(engine: Engine, inputs: Properties): Properties {
  if (texts(inputs, "command").includes("")) throw new Error("values for command may not be empty");
  const stopTimeout = whole(inputs, "stopTimeout");
  return {
    Image: text(inputs, "image"),
    Hostname: text(inputs, "hostname"),
    Domainname: text(inputs, "domainname"),
    Tty: flag(inputs, "tty"),
    OpenStdin: flag(inputs, "stdinOpen"),
    ...withoutZeros({
      Env: texts(inputs, "envs"),
      Cmd: texts(inputs, "command"),
      Entrypoint: texts(inputs, "entrypoints"),
      User: text(inputs, "user"),
      WorkingDir: text(inputs, "workingDir"),
      StopSignal: text(inputs, "stopSignal"),
      StopTimeout: stopTimeout,
      Labels: fromLabels(records(inputs, "labels")),
    }),
    ...filled("Healthcheck", healthcheck(engine, record(inputs, "healthcheck"))),
    // The values are empty objects, which only their names make mean something.
    ...filled("ExposedPorts", exposedPorts(inputs)),
    ...filled("Volumes", mountPoints(inputs)),
    HostConfig: { ...hostConfig(engine, inputs), ...bindings(inputs) },
  };
}

function filled(name: string, value: Properties): Properties {
  return Object.keys(value).length > 0 ? { [name]: value } : {};
}

function healthcheck(engine: Engine, check: Properties): Properties {
  if (isZero(check)) return {};
  const nanoseconds = (name: string) => parseDuration(text(check, name) || "0s") ?? 0;
  const startInterval = nanoseconds("startInterval");
  if (startInterval !== 0 && isOlder(engine.api, "1.44")) {
    throw new Error(
      `"specify health-check start interval" requires API version 1.44, but the Docker daemon API version is ${engine.api}`,
    );
  }
  return {
    Test: texts(check, "tests"),
    Interval: nanoseconds("interval"),
    Timeout: nanoseconds("timeout"),
    StartPeriod: nanoseconds("startPeriod"),
    ...(startInterval !== 0 && { StartInterval: startInterval }),
    Retries: whole(check, "retries"),
  };
}
