import { readConfiguration } from "./configuration.ts";
import { type Engine, openEngine } from "./engine.ts";
import type { Properties } from "./values.ts";

/** One provider instance: every explicit provider of a program has a process, and thus a session, of its own. */
export interface Session {
  /** @throws when the configuration is wrong or the engine does not answer */
  readonly configure: (args: Properties) => Promise<void>;
  readonly engine: () => Engine;
  /** Ends all waiting. */
  readonly cancel: () => void;
}

export function newSession(env: NodeJS.ProcessEnv): Session {
  const cancelled = new AbortController();
  let engine: Engine | undefined;
  return {
    configure: async (args) => {
      engine = await openEngine(readConfiguration(args, env), cancelled.signal);
    },
    engine: () => {
      if (engine) return engine;
      throw new Error("the docker provider is used before it is configured");
    },
    cancel: () => cancelled.abort(new Error("the update was cancelled")),
  };
}
