import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Everything that `./run` makes lives here and is ignored by git; `~/.pulumi` is never written. */
export const local = join(root, ".local");

/** Programs that were downloaded or built: the Pulumi CLI and its language host. */
export const tools = join(local, "tools");

/** The engine's own home, with its plugins. A stand-in laid here serves nobody else's projects. */
export const pulumiHome = join(local, "home");

/**
 * State, passphrase and logs. A test that wants a world of its own sets `SPILO_RUN_DIR`; the tools stay shared.
 */
export const instance = process.env["SPILO_RUN_DIR"] ?? local;

export const stateDirectory = join(instance, "state");
export const passphraseFile = join(instance, "passphrase");
export const logDirectory = join(instance, "logs");

/** Certificates of the authorities of clusters, one a stack, for clients to check servers with. */
export const authorityDirectory = join(instance, "ca");

/** What a Docker engine that we started ourselves leaves: its process id and log. */
export const engineDirectory = join(instance, "engine");
