import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { voterTurnIn } from "../../provider/kinds/voter-turn.ts";
import { spiloProvider } from "../../provider/provider.ts";
import { type Properties, secret } from "../../provider/wire.ts";
import { FakeVoters } from "./fake-voters.ts";
import { hastyClock } from "./hasty-clock.ts";
import { access } from "./test-access.ts";

let etcd: FakeVoters;
let lines: string[];

beforeEach(async () => {
  etcd = await new FakeVoters().start();
  lines = [];
});

afterEach(() => etcd.stop());

const context = {
  report: (line: string, severity = "info") => lines.push(`${severity}: ${line}`),
  signal: new AbortController().signal,
};

function kind() {
  return voterTurnIn({ runs: async (_engine, name) => etcd.voter(name).runs, clock: hastyClock() });
}

function properties(change: Properties = {}): Properties {
  const voters = etcd.places.map(({ name, url }) => ({ name, url }));
  return { voter: "m-etcd-2", engine: "unix:///engine", voters, access, made: "abc", ...change };
}

function take(change: Properties = {}): Promise<Properties> | undefined {
  return kind().update?.(properties(), properties({ made: "def", ...change }), context);
}

describe("VoterTurn", () => {
  it("is made without a question, as there is nobody to ask yet", async () => {
    await etcd.stop();
    expect(await kind().create(properties(), context)).toEqual({ id: "m-etcd-2", outputs: {} });
    expect(lines).toEqual([]);
  });

  it("lets a voter be replaced while all others are healthy", async () => {
    expect(await take()).toEqual({});
    expect(lines).toEqual([]);
  });

  it("lets none be replaced while another one is not healthy, and says which and what to do", async () => {
    etcd.voter("m-etcd-3").runs = false;
    await expect(take()).rejects.toMatchObject({
      code: "refused",
      message: expect.stringMatching(
        /^m-etcd-3 is not healthy \(.*503.*\): without m-etcd-2 as well, etcd might have no quorum\. m-etcd-2 was not touched; `docker logs` of it says why, and `pulumi up --refresh` starts it or makes it anew$/,
      ),
    });
  });

  it("lets none be replaced while there is no way to the cluster, be it itself up or down", async () => {
    for (const runs of [true, false]) {
      etcd.voter("m-etcd-2").runs = runs;
      await expect(take({ access: { ...access, way: "ssh://ops@127.0.0.1:1" } })).rejects.toMatchObject({
        code: "unreachable",
        message: expect.stringContaining("aws.reach: the bastion ops@127.0.0.1:1 cannot be had"),
      });
    }
    expect(lines).toEqual([]);
  });

  it("waits for one that is healthy a moment later", async () => {
    etcd.voter("m-etcd-3").runs = false;
    const turn = take();
    setTimeout(() => Object.assign(etcd.voter("m-etcd-3"), { runs: true }), 20);
    expect(await turn).toEqual({});
  });

  it("lets one be replaced that is itself down", async () => {
    etcd.voter("m-etcd-2").runs = false;
    expect(await take()).toEqual({});
    expect(lines).toEqual([]);
  });

  it("lets one be replaced that is down like others, and warns", async () => {
    etcd.voter("m-etcd-2").runs = false;
    etcd.voter("m-etcd-1").runs = false;
    expect(await take()).toEqual({});
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: m-etcd-2 is down and is replaced to be repaired, although others are as well: m-etcd-1 is not healthy \(.*\); m-etcd-3 is not healthy \(RAFT NO LEADER\)$/,
      ),
    ]);
  });

  it("lets the only voter be replaced, and warns", async () => {
    const [, own] = etcd.places;
    expect(await take({ voters: [own] })).toEqual({});
    expect(lines).toEqual([
      "warning: m-etcd-2 is the only etcd voter: Patroni writes none of its keys until it is back; its failsafe mode " +
        "keeps the leader",
    ]);
  });
});

describe("VoterTurn, when the state is refreshed", () => {
  it("stands as declared while its voter runs", async () => {
    expect(await kind().read?.(properties(), context)).toEqual({});
  });

  it("has come for a voter that does not run", async () => {
    etcd.voter("m-etcd-2").runs = false;
    expect(await kind().read?.(properties(), context)).toEqual({ made: "" });
    expect(lines).toEqual([expect.stringMatching(/^info: m-etcd-2 does not run/)]);
  });

  it("is taken as it was where the engine does not answer", async () => {
    const runs = () => Promise.reject(new ActionError("unreachable", "m-etcd-2 at unix:///engine: nobody"));
    expect(await voterTurnIn({ runs }).read?.(properties(), context)).toEqual({});
    expect(lines).toEqual([expect.stringMatching(/^warning: taken as it was/)]);
  });
});

describe("a preview of VoterTurn", () => {
  const urn = "urn:pulumi:dev::spilo::spilo:index:SpiloCluster$spilo:index:VoterTurn::m-etcd-2-turn";
  const provider = spiloProvider(async () => undefined);

  async function changes(news: Properties): Promise<boolean | undefined> {
    const state = properties({ access: secret(access), made: secret("abc") });
    return (await provider.diff?.("m-etcd-2", urn, state, { ...state, ...news }))?.changes;
  }

  it("is an update when the voter is to be made of something else, and none for a renewed certificate", async () => {
    expect(await changes({ made: secret("def") })).toBe(true);
    expect(await changes({ access: secret({ ...access, certificate: "renewed" }) })).toBe(false);
  });
});
