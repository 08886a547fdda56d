import type { Properties } from "./wire.ts";

/** What a kind of resource may use while it works. */
export interface KindContext {
  /** Shows a line beside the resource. */
  readonly report: (line: string, severity?: "info" | "warning") => void;
  /** The user has interrupted the update. */
  readonly signal: AbortSignal;
  /** What time it is. @default the machine's clock */
  readonly now?: () => Date;
}

/** A resource that was made: its id, and what it has beyond its inputs. */
interface Made {
  readonly id: string;
  /** Values that are to be secret are wrapped. */
  readonly outputs: Properties;
}

/** A type of resource: what it does. All properties arrive without the wrapping of secrets. */
export interface Kind {
  create(inputs: Properties, context: KindContext): Promise<Made>;
  /** @returns what it has beyond its inputs. */
  update?(olds: Properties, news: Properties, context: KindContext): Promise<Properties>;
  /** @returns the properties that differ from the state, none when it stands as declared. */
  read?(properties: Properties, context: KindContext): Promise<Properties>;
  delete?(properties: Properties, context: KindContext): Promise<void>;
}

/** What a check of new inputs, against old ones if there are any, found. */
export interface Checked {
  /** Each stops the preview or update before the resource is touched. */
  readonly refusals: readonly { readonly property: string; readonly reason: string }[];
  /** Shown beside the resource. */
  readonly sentences: readonly string[];
  /** The same, as warnings. */
  readonly warnings?: readonly string[];
}

/** A type of resource: what its inputs mean for a preview. Kept apart, so that a preview loads no more than this. */
export interface KindEntry {
  /** A change of one of these makes another resource. */
  readonly replacedBy: readonly string[];
  /** A change of one of these is an update. Inputs in neither list are only looked at when it is made. */
  readonly updatedBy: readonly string[];
  /** Inputs that are compared in a way of their own. */
  readonly same?: Readonly<Record<string, (left: unknown, right: unknown) => boolean>>;
  /**
   * Looks at new inputs before anything is done.
   *
   * @param olds those that the resource was last made from; undefined when there is none yet.
   */
  readonly check?: (olds: Properties | undefined, news: Properties, now: Date) => Promise<Checked>;
  /** Sentences for the preview: what an update will do. */
  readonly explain?: (olds: Properties, news: Properties) => Promise<readonly string[]>;
  /** The same from the state alone: said also while what the inputs will be is not known yet. */
  readonly announces?: (olds: Properties) => readonly string[];
  /** Sentences for the preview: why an update is due though no input has changed. None: it is not. */
  readonly due?: (olds: Properties, now: Date) => readonly string[];
  readonly load: () => Promise<Kind>;
}

/**
 * Something was made or changed, but not all of it. The engine keeps the new inputs together with this error, and
 * runs the update again next time, whether the inputs are changed by then or not.
 */
export class Unfinished extends Error {
  override readonly name = "Unfinished";
  readonly id: string;

  constructor(id: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.id = id;
  }
}
