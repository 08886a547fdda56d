import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MemberAddress } from "../../actions/patroni/find-cluster.ts";
import type { Json } from "../../cluster/settings/merge-patch.ts";
import { turn } from "../../provider/kinds/turn.ts";
import { spiloProvider } from "../../provider/provider.ts";
import { runMemory } from "../../provider/run-memory.ts";
import { type Properties, secret } from "../../provider/wire.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { FakeEngine } from "./fake-engine.ts";
import { access } from "./test-access.ts";

let cluster: FakeCluster;
let lines: string[];

beforeEach(async () => {
  cluster = await new FakeCluster().start();
  lines = [];
});

afterEach(() => cluster.stop());

const context = {
  report: (line: string, severity = "info") => lines.push(`${severity}: ${line}`),
  signal: new AbortController().signal,
};

function reach(members: readonly Pick<MemberAddress, "name" | "restUrl">[] = cluster.addresses) {
  const login = { user: "somebody", password: "secret" };
  return {
    ...{ name: "m", incarnation: "1a2b3c4d", voters: [], proxies: [], synchronousStandbys: 1 },
    endpoint: { address: "127.0.0.1", readWritePort: 1, readOnlyPort: 1 },
    members: members.map(({ name, restUrl }) => {
      return { name, restUrl, address: "127.0.0.1", postgresPort: 1, engine: "unix:///nowhere" };
    }),
    credentials: { operator: login, rest: login, etcd: login, access },
  };
}

function properties(change: Properties = {}): Properties {
  return { member: "m-2", cluster: reach(), made: "abc", memoryMib: 2000, ...change };
}

function take(news = properties({ made: "def" })): Promise<Properties> | undefined {
  return turn.update?.(properties(), news, context);
}

function stands(how: Readonly<Record<string, Json>>): void {
  cluster.config = { ...cluster.config, ...how };
}

/** Nobody listens there any more. */
const nobody = [{ name: "m-1", restUrl: "https://127.0.0.1:1" }];

describe("Turn", () => {
  it("is made without a question, as there is nobody to ask yet", async () => {
    const made = await turn.create(properties({ cluster: reach(nobody) }), context);
    expect([made, lines]).toEqual([{ id: "m-2", outputs: {} }, []]);
  });

  it("lets a member be replaced in a cluster that goes on", async () => {
    expect(await take()).toEqual({});
    expect([cluster.restarts, lines]).toEqual([[], []]);
  });

  it.each([
    [
      "stopped",
      { pause: true, spilo: { stopped: true } },
      "the cluster is stopped by `spiloctl stop`: run `spiloctl start` first; m-2 was not touched",
    ],
    [
      "paused",
      { pause: true },
      "Patroni is paused, so nobody would take over for a member: run `spiloctl resume` first; m-2 was not touched",
    ],
  ])("lets none be replaced while the cluster is %s", async (_title, how, message) => {
    stands(how);
    await expect(take()).rejects.toMatchObject({ code: "refused", message });
  });

  it("lets a member be replaced in a cluster of which nobody answers, and warns", async () => {
    expect(await take(properties({ made: "def", cluster: reach(nobody) }))).toEqual({});
    expect(lines).toEqual([
      expect.stringMatching(
        /^warning: m-2 is replaced although nobody can say how the cluster stands \(no member answers: /,
      ),
    ]);
  });

  it("lets none be replaced while there is no way to the cluster: that is no silence of its own", async () => {
    const lost = reach();
    lost.credentials.access = { ...access, way: "ssh://ops@127.0.0.1:1" };
    const refused = take(properties({ made: "def", cluster: lost }));
    await expect(refused).rejects.toMatchObject({
      code: "unreachable",
      message: expect.stringContaining("aws.reach: the bastion ops@127.0.0.1:1 cannot be had"),
    });
    expect([cluster.calls, lines]).toEqual([[], []]);
  });

  it("lets a read replica be replaced whatever the others do, but not while the cluster is stopped", async () => {
    const [m1, m2, m3] = reach().members;
    const replicas = [{ ...m3, replica: "reports", zone: "local" }];
    const declared = { ...reach(), members: [m1, m2], replicas };
    const mine = { member: "m-3", cluster: declared, readReplica: true };
    cluster.stopMember("m-2");
    expect(await take(properties({ ...mine, made: "def" }))).toEqual({});
    expect([cluster.restarts, lines]).toEqual([[], []]);
    stands({ pause: true, spilo: { stopped: true } });
    await expect(take(properties({ ...mine, made: "ghi" }))).rejects.toMatchObject({ code: "refused" });
  });

  it("asks with what is declared now, not with what the state has", async () => {
    stands({ pause: true });
    await expect(
      turn.update?.(properties({ cluster: reach(nobody) }), properties(), context),
    ).rejects.toThrow(/paused/);
  });
});

describe("Turn, when its member has been removed", () => {
  it("asks nobody while all of the cluster goes", async () => {
    runMemory("1a2b3c4d").goesDown = true;
    await turn.delete?.(properties(), context);
    expect(lines).toEqual([]);
    runMemory("1a2b3c4d").goesDown = false;
  });

  describe("of a zone that is taken out whole", () => {
    let engine: FakeEngine;

    beforeEach(async () => {
      engine = await new FakeEngine().start();
      engine.answers.set("GET /containers/m-2/json", { status: 200, message: "it runs" });
    });

    afterEach(async () => {
      runMemory("1a2b3c4d").lostZones.delete("b");
      await engine.stop();
    });

    function inZone(): Properties {
      const known = reach();
      const members = known.members.map((member) => ({ ...member, zone: "b", engine: engine.host }));
      return properties({ cluster: { ...known, members } });
    }

    it("stops the member before the others forget it, as nobody has removed it yet", async () => {
      await turn.delete?.(inZone(), context);
      expect(engine.done).toEqual(["POST /containers/m-2/stop?t=60", "DELETE /containers/m-2?force=true"]);
    });

    it("asks its engine for nothing when the zone is lost", async () => {
      runMemory("1a2b3c4d").lostZones.add("b");
      await turn.delete?.(inZone(), context);
      expect(engine.asked).toBe(0);
    });
  });

  it("is content when nobody is left to forget it", async () => {
    await turn.delete?.(properties({ cluster: reach(nobody) }), context);
    expect(lines).toEqual([]);
  });
});

describe("a preview of Turn", () => {
  const urn = "urn:pulumi:dev::spilo::spilo:index:SpiloCluster$spilo:index:Turn::orders-2-turn";
  const said: string[] = [];
  const provider = spiloProvider(async (_urn, line) => void said.push(line));

  async function changes(news: Properties): Promise<boolean | undefined> {
    const state = properties({ cluster: secret(reach()), made: secret("abc") });
    return (await provider.diff?.("m-2", urn, state, { ...state, ...news }))?.changes;
  }

  it("is an update when the member is to be made of something else", async () => {
    expect(await changes({ made: secret("def") })).toBe(true);
    expect(said).toEqual([
      "m-2 is replaced in its turn: standbys one after the other, then, after one switchover, whoever leads",
    ]);
  });

  it("is none when nothing changes, a certificate is renewed, or members are added", async () => {
    expect(await changes({})).toBe(false);
    expect(await changes({ cluster: secret(reach(nobody)) })).toBe(false);
  });
});
