import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { describe, expect, it } from "vitest";
import { type Kind, type KindEntry, Unfinished } from "../../provider/kind.ts";
import { kinds } from "../../provider/kinds.ts";
import { spiloProvider } from "../../provider/provider.ts";
import { type Properties, secret } from "../../provider/wire.ts";

const hidden = (value: unknown) => ({ [specialSigKey]: specialSecretSig, value });

function urn(type: string): string {
  return `urn:pulumi:dev::pulumi-spilo::spilo:index:SpiloCluster$spilo:index:${type}::orders-${type}`;
}

const june = new Date("2026-06-01T12:00:00Z");

/** A provider of one kind that does what the test says, on a day in June. */
function providerOf(kind: Kind, entry: Partial<KindEntry> = {}) {
  const lines: string[] = [];
  const log = async (_urn: string, line: string, severity = "info") => {
    lines.push(`${severity}: ${line}`);
  };
  const known: KindEntry = { replacedBy: ["name"], updatedBy: ["size"], load: async () => kind, ...entry };
  return { provider: spiloProvider(log, { "spilo:index:Thing": known }, () => june), lines };
}

const nothing: Kind = { create: async () => ({ id: "1", outputs: {} }) };

describe("what a kind sees and what the state keeps", () => {
  it("is plain inside and marked outside", async () => {
    const seen: Properties[] = [];
    const { provider } = providerOf({
      create: async (inputs) => {
        seen.push(inputs);
        return { id: "1", outputs: { token: "t" } };
      },
    });
    const inputs = { name: "a", passwords: [hidden("p"), { deep: hidden("q") }] };
    expect(await provider.create?.(urn("Thing"), inputs)).toEqual({
      id: "1",
      outs: { ...inputs, token: "t" },
    });
    expect(seen).toEqual([{ name: "a", passwords: ["p", { deep: "q" }] }]);
  });

  it("keeps on an update what was made at creation", async () => {
    const { provider } = providerOf({ ...nothing, update: async () => ({}) });
    const olds = { name: "a", size: 1, token: hidden("t") };
    const outs = { name: "a", size: 2, token: hidden("t") };
    expect(await provider.update?.("1", urn("Thing"), olds, { name: "a", size: 2 })).toEqual({ outs });
  });

  it("comes back from a refresh as it was, to the mark, when nothing differs", async () => {
    const { provider } = providerOf({ ...nothing, read: async () => ({}) });
    const props = { name: "a", token: hidden("t") };
    expect(await provider.read?.("1", urn("Thing"), props)).toEqual({ id: "1", props });
  });

  it("has what differs in inputs and outputs after a refresh", async () => {
    const { provider } = providerOf({ ...nothing, read: async () => ({ size: 9 }) });
    const props = { name: "a", size: 9 };
    const read = await provider.read?.("1", urn("Thing"), { name: "a", size: 1 });
    expect(read).toEqual({ id: "1", props, inputs: props });
  });
});

describe("a preview", () => {
  it("sees no change in the order of keys", async () => {
    const { provider } = providerOf(nothing, { updatedBy: ["list"] });
    const diff = await provider.diff?.(
      "1",
      urn("Thing"),
      { list: [{ a: 1, b: 2 }] },
      { list: [{ b: 2, a: 1 }] },
    );
    expect(diff).toEqual({ changes: false, replaces: [] });
  });

  it("tells replacement from update, and leaves alone what is only looked at when it is made", async () => {
    const { provider } = providerOf(nothing);
    const olds = { name: "a", size: 1, password: hidden("p") };
    const ask = (news: Properties) => provider.diff?.("1", urn("Thing"), olds, news);
    expect(await ask({ ...olds, name: "b" })).toEqual({ changes: true, replaces: ["name"] });
    expect(await ask({ ...olds, size: 2 })).toEqual({ changes: true, replaces: [] });
    expect(await ask({ ...olds, password: hidden("q") })).toEqual({ changes: false, replaces: [] });
    expect(await ask({ ...olds, size: unknownValue })).toEqual({ changes: true, replaces: [] });
  });

  it("says what an update will do", async () => {
    const { provider, lines } = providerOf(nothing, { explain: async () => ["it restarts"] });
    await provider.diff?.("1", urn("Thing"), { size: 1 }, { size: 2 });
    expect(lines).toEqual(["info: it restarts"]);
  });

  it("says what is due by its age, and counts it as an update", async () => {
    const due: KindEntry["due"] = ({ name }, now) => (name === "old" ? [`due in ${now.getFullYear()}`] : []);
    const { provider, lines } = providerOf(nothing, { due });
    const ask = (name: string) => provider.diff?.("1", urn("Thing"), { name }, { name });
    expect(await ask("new")).toEqual({ changes: false, replaces: [] });
    expect(lines).toEqual([]);
    expect(await ask("old")).toEqual({ changes: true, replaces: [] });
    expect(lines).toEqual(["info: due in 2026"]);
  });

  it("does not ask whether something is due that is replaced anyway", async () => {
    const { provider, lines } = providerOf(nothing, { due: () => ["due"] });
    const diff = await provider.diff?.("1", urn("Thing"), { name: "a" }, { name: "b" });
    expect(diff).toEqual({ changes: true, replaces: ["name"] });
    expect(lines).toEqual([]);
  });

  it("refuses inputs of what is new, and of what is there; warns", async () => {
    const { provider, lines } = providerOf(nothing, {
      check: async (olds, { size }, now) => ({
        refusals: [{ property: "size", reason: `${size} is not ${olds?.["size"] ?? "anything yet"}` }],
        sentences: [],
        warnings: [`it is ${now.toISOString()}`],
      }),
    });
    const failuresOf = async (olds: Properties) =>
      (await provider.check?.(urn("Thing"), olds, { size: 2 }))?.failures;
    // The engine has no inputs of what is new, and sends an empty set.
    expect(await failuresOf({})).toEqual([{ property: "size", reason: "2 is not anything yet" }]);
    expect(await failuresOf({ size: 1 })).toEqual([{ property: "size", reason: "2 is not 1" }]);
    expect(lines[0]).toBe("warning: it is 2026-06-01T12:00:00.000Z");
  });

  it("of changed settings names each parameter and what it takes", async () => {
    const settings = (max_connections: number) => ({
      ttl: 30,
      loop_wait: 10,
      retry_timeout: 10,
      primary_start_timeout: 300,
      maximum_lag_on_failover: 1048576,
      failsafe_mode: true,
      synchronous_mode: "quorum",
      synchronous_mode_strict: false,
      synchronous_node_count: 1,
      postgresql: { use_pg_rewind: true, use_slots: true, parameters: { max_connections } },
    });
    const explain = kinds["spilo:index:DynamicSettings"]?.explain;
    const lines = await explain?.({ settings: settings(200) }, { settings: settings(250) });
    expect(lines?.[0]).toBe("max_connections 200 → 250: takes a restart, standbys first, then the leader");
    expect(await explain?.({ settings: settings(200) }, { settings: settings(200) })).toEqual([]);
  });
});

describe("something begun and not ended", () => {
  it("keeps the new inputs and the reason, so that the next run goes on", async () => {
    const { provider, lines } = providerOf({
      ...nothing,
      update: async (_olds, _news, { report }) => {
        report("half of it", "warning");
        throw new Unfinished("1", "dev-2 did not restart");
      },
    });
    const news = { name: "a", size: 2, password: hidden("p") };
    const failure = await provider
      .update?.("1", urn("Thing"), { name: "a" }, news)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      message: "dev-2 did not restart",
      id: "1",
      properties: news,
      reasons: ["dev-2 did not restart"],
    });
    expect(lines).toEqual(["warning: half of it"]);
  });

  it("ends when the user interrupts", async () => {
    const { provider } = providerOf({
      create: (_inputs, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const creation = provider.create?.(urn("Thing"), {});
    await new Promise((resolve) => setImmediate(resolve));
    await provider.cancel?.();
    await expect(creation).rejects.toThrow("interrupted");
  });
});

describe("our types", () => {
  it("make a token of eight hexadecimal digits, another one each time", async () => {
    const provider = spiloProvider(async () => undefined);
    const make = async () => (await provider.create?.(urn("Incarnation"), { cluster: "orders" }))?.outs;
    const [one, two] = [await make(), await make()];
    expect(one).toEqual({
      cluster: "orders",
      token: expect.stringMatching(/^[0-9a-f]{8}$/),
      origin: "",
    });
    expect(two).not.toEqual(one);
  });

  it("make passwords of letters and digits, marked as secret", async () => {
    const provider = spiloProvider(async () => undefined);
    const inputs = { purpose: "rest", generation: 1, length: 32 };
    const made = await provider.create?.(urn("Password"), inputs);
    expect(made).toEqual({
      id: "rest",
      outs: { ...inputs, value: hidden(expect.stringMatching(/^[A-Za-z0-9]{32}$/)), former: hidden("") },
    });
    expect(await provider.diff?.("rest", urn("Password"), inputs, { ...inputs, length: 40 })).toMatchObject({
      changes: false,
    });
  });

  it("take the password that another cluster has, and keep it when that is not given any more", async () => {
    const { password } = await import("../../provider/kinds/password.ts");
    const context = { report: () => undefined, signal: new AbortController().signal };
    const inputs = { purpose: "standby", generation: 1, length: 32 };
    const made = await password.create({ ...inputs, given: "theirs" }, context);
    expect(made.outputs).toEqual({ value: secret("theirs"), former: secret("") });
    const state = { ...inputs, given: "theirs", value: "theirs", former: "" };
    expect(await password.update?.(state, inputs, context)).toEqual({
      value: secret("theirs"),
      former: secret(""),
    });
  });

  it("make another password in another generation, and keep the one before", async () => {
    const provider = spiloProvider(async () => undefined);
    const inputs = { purpose: "rest", generation: 1, length: 32 };
    const olds = (await provider.create?.(urn("Password"), inputs))?.outs;
    const news = { ...inputs, generation: 2 };
    expect(await provider.diff?.("rest", urn("Password"), olds, news)).toEqual({
      changes: true,
      replaces: [],
    });
    const outs = (await provider.update?.("rest", urn("Password"), olds, news))?.outs;
    expect(outs).toEqual({
      ...news,
      value: hidden(expect.stringMatching(/^[A-Za-z0-9]{32}$/)),
      former: olds.value,
    });
    expect(outs.value).not.toEqual(olds.value);
    expect(await provider.diff?.("rest", urn("Password"), outs, news)).toMatchObject({ changes: false });
  });

  it("are refused by name when there is no such type", async () => {
    const provider = spiloProvider(async () => undefined);
    await expect(provider.create?.(urn("Unheard"), {})).rejects.toThrow(
      "spilo:index:Unheard: this provider has no such resource type",
    );
  });
});
