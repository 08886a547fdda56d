import { isDeepStrictEqual } from "node:util";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  Provider,
  ReadResult,
  UpdateResult,
} from "@pulumi/pulumi/provider/provider.js";
import type { EngineLog } from "./engine-log.ts";
import { type Kind, type KindContext, type KindEntry, Unfinished } from "./kind.ts";
import { kinds } from "./kinds.ts";
import { asProperties, changedKeys, isUnknown, type Properties, plain } from "./wire.ts";

/** What a provider needs of the world to look at a resource. */
interface Outlook {
  readonly show: (line: string, severity?: "info" | "warning") => Promise<void>;
  readonly now: () => Date;
}

/**
 * Our own resource types as a Pulumi provider: finds the kind, unwraps secrets, and puts them back.
 *
 * @param now what time it is: some resources are due for an update by their age alone.
 */
export function spiloProvider(
  log: EngineLog,
  table: Readonly<Record<string, KindEntry>> = kinds,
  now: () => Date = () => new Date(),
): Provider {
  const stop = new AbortController();
  const entryOf = (urn: string): KindEntry => {
    const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
    const entry = table[type];
    if (entry === undefined) throw new Error(`${type}: this provider has no such resource type`);
    return entry;
  };
  /** Runs one verb and then waits until every line of it is shown. */
  const work = async <T>(urn: string, verb: (kind: Kind, context: KindContext) => Promise<T>): Promise<T> => {
    const lines: Promise<void>[] = [];
    const report: KindContext["report"] = (line, severity) => lines.push(log(urn, line, severity));
    try {
      return await verb(await entryOf(urn).load(), { report, signal: stop.signal, now });
    } finally {
      await Promise.all(lines);
    }
  };
  const outlook = (urn: string): Outlook => ({ show: (line, severity) => log(urn, line, severity), now });
  return {
    version: "0.1.0",
    check: (urn, olds, news) => check(entryOf(urn), olds, news, outlook(urn)),
    diff: (_id, urn, olds, news) => compare(entryOf(urn), plain(olds), plain(news), outlook(urn)),
    create: (urn, inputs) => work(urn, (kind, context) => create(kind, inputs, context)),
    read: (id, urn, properties) =>
      work(urn, (kind, context) => read(kind, id, asProperties(properties), context)),
    update: (_id, urn, olds, news) =>
      work(urn, (kind, context) => update(kind, olds, { news, gone: goneFrom(entryOf(urn), news) }, context)),
    delete: async (_id, urn, properties) => {
      await work(urn, async (kind, context) => kind.delete?.(plain(properties), context));
    },
    cancel: async () => stop.abort(new Error("interrupted: run `pulumi up` again to go on")),
  };
}

async function check(
  entry: KindEntry,
  olds: Properties | undefined,
  news: Properties,
  { show, now }: Outlook,
): Promise<CheckResult> {
  if (entry.check === undefined || isUnknown(news)) return { inputs: news };
  // The engine sends none as an empty set.
  const isNew = olds === undefined || Object.keys(olds).length === 0;
  const found = await entry.check(isNew ? undefined : plain(olds), plain(news), now());
  for (const line of found.sentences) await show(line);
  for (const line of found.warnings ?? []) await show(line, "warning");
  const failures = found.refusals.map(({ property, reason }) => {
    // The engine prints the value of a property that it is told of, secret or not.
    const isOpen = isDeepStrictEqual(news[property], plain(news)[property]);
    return { property: isOpen ? property : "", reason };
  });
  return { inputs: news, failures };
}

async function compare(
  entry: KindEntry,
  olds: Properties,
  news: Properties,
  { show, now }: Outlook,
): Promise<DiffResult> {
  const differs = (key: string) => entry.same?.[key]?.(olds[key], news[key]) !== true;
  const replaces = changedKeys(entry.replacedBy, olds, news).filter(differs);
  if (replaces.length > 0) return { changes: true, replaces: [...replaces] };
  const updates = changedKeys(entry.updatedBy, olds, news).filter(differs);
  const due = entry.due?.(olds, now()) ?? [];
  const explained = updates.length > 0 && !isUnknown(news) ? await entry.explain?.(olds, news) : undefined;
  const announced = updates.length > 0 ? (entry.announces?.(olds) ?? []) : [];
  for (const line of [...announced, ...(explained ?? []), ...due]) await show(line);
  return { changes: updates.length + due.length > 0, replaces: [] };
}

async function create(kind: Kind, inputs: Properties, context: KindContext): Promise<CreateResult> {
  const made = await kind.create(plain(inputs), context).catch(keepingInputs(inputs));
  return { id: made.id, outs: { ...inputs, ...made.outputs } };
}

async function update(
  kind: Kind,
  olds: Properties,
  { news, gone }: { readonly news: Properties; readonly gone: readonly string[] },
  context: KindContext,
): Promise<UpdateResult> {
  const outputs = await kind.update?.(plain(olds), plain(news), context).catch(keepingInputs(news));
  const kept = Object.entries(olds).filter(([key]) => !gone.includes(key));
  return { outs: { ...Object.fromEntries(kept), ...news, ...outputs } };
}

/** Inputs that are no longer declared: in the state, they would be another change each time. */
function goneFrom({ replacedBy, updatedBy }: KindEntry, news: Properties): readonly string[] {
  return [...replacedBy, ...updatedBy].filter((key) => news[key] === undefined);
}

async function read(
  kind: Kind,
  id: string,
  properties: Properties,
  context: KindContext,
): Promise<ReadResult> {
  const differing = await kind.read?.(plain(properties), context);
  const props = { ...properties, ...differing };
  return differing === undefined || Object.keys(differing).length === 0
    ? { id, props }
    : { id, props, inputs: props };
}

/** The form in which the engine takes "made, but not finished". */
function keepingInputs(inputs: Properties): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Unfinished)) throw error;
    const { id, message } = error;
    throw Object.assign(new Error(message, { cause: error }), { id, properties: inputs, reasons: [message] });
  };
}
