import type { Change } from "./diff.ts";
import type { Engine } from "./engine.ts";
import type { Schema } from "./schema.ts";
import type { Properties } from "./values.ts";

/** What exists after a create. */
export interface Created {
  readonly id: string;
  readonly state: Properties;
}

/** One resource type of the plugin. Properties never carry secret marks or unknown values here. */
export interface Kind {
  readonly token: string;
  readonly schema: Schema;
  /** Whether `name` is made up when the program gives none. */
  readonly autoNamed: boolean;
  /** `named`: only when the program itself chose the name, since the new one could not stand beside the old. */
  readonly deletesBeforeReplace: "always" | "named" | "never";
  readonly create: (engine: Engine, inputs: Properties, limits: Limits) => Promise<Created>;
  /** The state as the engine has it now; undefined when the thing is gone. An import comes with an empty state. */
  readonly read: (engine: Engine, id: string, state: Properties) => Promise<Created | undefined>;
  /** Answers with what the engine says, to be laid over the old state and the new inputs. */
  readonly update: (engine: Engine, id: string, olds: Properties, news: Properties) => Promise<Properties>;
  readonly remove: (engine: Engine, id: string, state: Properties) => Promise<void>;
  /** What a state shows as different, whatever the inputs, when its creation failed half-way. */
  readonly unfinished?: (state: Properties) => readonly Change[];
}

export interface Limits {
  /** How long the whole operation may take. Pulumi's `customTimeouts`, else 20 minutes as in the official provider. */
  readonly timeoutMs: number;
}

/**
 * Something was made and then failed. It stays in the stack's state with this reason, so that the next update finds
 * it there and replaces it.
 */
export class CreatedButFailed extends Error {
  readonly id: string;
  readonly state: Properties;

  constructor(id: string, state: Properties, reason: string) {
    super(reason);
    this.id = id;
    this.state = state;
  }
}
