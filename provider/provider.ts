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

/** Our own resource types as a Pulumi provider: finds the kind, unwraps secrets, and puts them back. */
export function spiloProvider(log: EngineLog, table: Readonly<Record<string, KindEntry>> = kinds): Provider {
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
      return await verb(await entryOf(urn).load(), { report, signal: stop.signal });
    } finally {
      await Promise.all(lines);
    }
  };
  return {
    version: "0.1.0",
    check: (urn, olds, news) => check(entryOf(urn), olds, news, (line) => log(urn, line)),
    diff: (_id, urn, olds, news) => compare(entryOf(urn), plain(olds), plain(news), (line) => log(urn, line)),
    create: (urn, inputs) => work(urn, (kind, context) => create(kind, inputs, context)),
    read: (id, urn, properties) =>
      work(urn, (kind, context) => read(kind, id, asProperties(properties), context)),
    update: (_id, urn, olds, news) => work(urn, (kind, context) => update(kind, olds, news, context)),
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
  show: (line: string) => Promise<void>,
): Promise<CheckResult> {
  if (entry.check === undefined || olds === undefined || isUnknown(news)) return { inputs: news };
  const { refusals, sentences } = await entry.check(plain(olds), plain(news));
  for (const line of sentences) await show(line);
  return { inputs: news, failures: [...refusals] };
}

async function compare(
  entry: KindEntry,
  olds: Properties,
  news: Properties,
  show: (line: string) => Promise<void>,
): Promise<DiffResult> {
  const differs = (key: string) => entry.same?.[key]?.(olds[key], news[key]) !== true;
  const replaces = changedKeys(entry.replacedBy, olds, news).filter(differs);
  const updates = changedKeys(entry.updatedBy, olds, news).filter(differs);
  if (replaces.length === 0 && updates.length > 0 && !isUnknown(news)) {
    for (const line of (await entry.explain?.(olds, news)) ?? []) await show(line);
  }
  return { changes: replaces.length + updates.length > 0, replaces: [...replaces] };
}

async function create(kind: Kind, inputs: Properties, context: KindContext): Promise<CreateResult> {
  const made = await kind.create(plain(inputs), context).catch(keepingInputs(inputs));
  return { id: made.id, outs: { ...inputs, ...made.outputs } };
}

async function update(
  kind: Kind,
  olds: Properties,
  news: Properties,
  context: KindContext,
): Promise<UpdateResult> {
  const outputs = await kind.update?.(plain(olds), plain(news), context).catch(keepingInputs(news));
  return { outs: { ...olds, ...news, ...outputs } };
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
