/** Which engine a provider talks to, from its own configuration or the environment. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isList, isProperties, type Properties, text, texts, type Value } from "./values.ts";

/** Client certificate and the authority that signed the engine's, all in PEM. */
export interface Certificates {
  readonly ca?: string;
  readonly cert: string;
  readonly key: string;
}

/** Credentials for the registries whose address an image name begins with. */
export interface RegistryLogin {
  readonly address: string;
  readonly username: string;
  readonly password: string;
}

export interface Configuration {
  /** `unix:///…`, `tcp://host:port` or `ssh://[user@]host[:port]`. */
  readonly host: string;
  readonly certificates?: Certificates;
  readonly sshOptions: readonly string[];
  readonly logins: readonly RegistryLogin[];
  /** False when the program says not to ask whether the engine answers. */
  readonly checksEngine: boolean;
}

const KNOWN = new Set([
  "host",
  "caMaterial",
  "certMaterial",
  "keyMaterial",
  "certPath",
  "sshOpts",
  "registryAuth",
  "disableDockerDaemonCheck",
]);

/**
 * Reads the provider's arguments. What is not a text may arrive as JSON inside a text.
 *
 * @throws when an argument is unknown, not served by the stand-in, or contradicts another
 */
export function readConfiguration(args: Properties, env: NodeJS.ProcessEnv): Configuration {
  const given = Object.fromEntries(
    Object.entries(args).filter(([name, value]) => isArgument(name) && value !== null && value !== ""),
  );
  for (const name of Object.keys(given)) {
    if (name === "context")
      throw new Error(
        "provider argument 'context' is not served by the stand-in for the docker plugin: set 'host' instead",
      );
    if (!KNOWN.has(name))
      throw new Error(`provider argument '${name}' is not known: remove it, or correct its name`);
  }
  const options = { sshOpts: decoded(given["sshOpts"]) };
  const certificates = readCertificates(given, env);
  return {
    host: text(given, "host") || env["DOCKER_HOST"] || "unix:///var/run/docker.sock",
    ...(certificates && { certificates }),
    sshOptions: texts(options, "sshOpts"),
    logins: readLogins(decoded(given["registryAuth"])),
    checksEngine: decoded(given["disableDockerDaemonCheck"]) !== true,
  };
}

/** Pulumi adds its own entries to a provider's arguments. */
function isArgument(name: string): boolean {
  return !name.startsWith("__") && name !== "version" && name !== "pluginDownloadURL";
}

function decoded(value: Value | undefined): Value {
  if (typeof value !== "string") return value ?? null;
  const parsed: Value = JSON.parse(value);
  return parsed;
}

function readCertificates(given: Properties, env: NodeJS.ProcessEnv): Certificates | undefined {
  const ca = text(given, "caMaterial") || env["DOCKER_CA_MATERIAL"] || "";
  const cert = text(given, "certMaterial") || env["DOCKER_CERT_MATERIAL"] || "";
  const key = text(given, "keyMaterial") || env["DOCKER_KEY_MATERIAL"] || "";
  const path = text(given, "certPath") || env["DOCKER_CERT_PATH"] || "";
  if (cert !== "" || key !== "") {
    if (cert === "" || key === "") throw new Error("cert_material, and key_material must be specified");
    if (path !== "") throw new Error("cert_path must not be specified");
    return { ...(ca !== "" && { ca }), cert, key };
  }
  if (path === "") return undefined;
  const file = (name: string) => readFileSync(join(path, name), "utf8");
  return { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem") };
}

function readLogins(value: Value): RegistryLogin[] {
  if (!isList(value)) return [];
  return value.filter(isProperties).map((login) => {
    if (text(login, "configFile") !== "" || text(login, "configFileContent") !== "") {
      throw new Error(
        "registryAuth 'configFile' is not served by the stand-in for the docker plugin: give 'username' and 'password'",
      );
    }
    return {
      address: text(login, "address"),
      username: text(login, "username"),
      password: text(login, "password"),
    };
  });
}
