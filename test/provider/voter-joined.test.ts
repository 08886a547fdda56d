import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { voterJoinedIn } from "../../provider/kinds/voter-joined.ts";
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
const waiting = "info: waiting until m-etcd-2 votes in etcd";
const joining = "info: m-etcd-2 has no data that etcd knows: it is removed, and joins again";
/** What it takes to have one join again whom etcd lists as 12. */
const again = [
  "stop m-etcd-2",
  "remove 12",
  "add a learner",
  "drop the data of m-etcd-2",
  "configure m-etcd-2",
  "start m-etcd-2",
  "promote 21",
  "configure m-etcd-2",
];

function kind() {
  return voterJoinedIn({ tools: () => etcd.tools("m-etcd-2"), clock: hastyClock() });
}

function properties(change: Properties = {}): Properties {
  return {
    voter: "m-etcd-2",
    voters: etcd.places,
    container: "first",
    access,
    rootPassword: "root-secret",
    files: { engine: "unix:///engine", image: "etcd:1", volume: "m-etcd-2-identity" },
    configuration: { file: "etcd.yml", content: etcd.declared },
    deadlineSeconds: 3,
    ...change,
  };
}

function join(change: Properties = {}, olds: Properties = {}): Promise<Properties> | undefined {
  return kind().update?.(properties(olds), properties({ container: "second", ...change }), context);
}

/** All vote, and nothing is left of what it took. */
function expectWhole(): void {
  expect(etcd.listed.map(({ name, isLearner }) => [name, isLearner]).sort()).toEqual(
    ["m-etcd-1", "m-etcd-2", "m-etcd-3"].map((name) => [name, undefined]),
  );
  expect(etcd.voter("m-etcd-2")).toMatchObject({ runs: true, hasData: true, configuration: etcd.declared });
}

describe("VoterJoined", () => {
  it("is made without a question, as there is no quorum yet", async () => {
    await etcd.stop();
    expect(await kind().create(properties(), context)).toEqual({ id: "m-etcd-2", outputs: {} });
  });

  it("is done when a voter with its data is healthy and in step", async () => {
    expect(await join()).toEqual({});
    expect([etcd.calls, lines]).toEqual([[], [waiting]]);
  });

  it("waits for one that is behind, and says by how much when that takes too long", async () => {
    etcd.voter("m-etcd-2").applied = 10;
    await expect(join()).rejects.toThrow(
      "m-etcd-2 votes in etcd: not within 3 s: it is 990 entries behind. `docker logs m-etcd-2` says more",
    );
    expect(etcd.calls).toEqual([]);
  });

  it("waits for one that has its data and does not come up; it is not removed for that", async () => {
    etcd.voter("m-etcd-2").runs = false;
    await expect(join()).rejects.toMatchObject({
      code: "deadline",
      message: expect.stringContaining("m-etcd-2 is not healthy: "),
    });
    expect(etcd.calls).toEqual([]);
  });

  it("has one that lost its data join again, and gives it its vote when it is in step", async () => {
    etcd.loseData("m-etcd-2");
    etcd.lag = 3;
    await join();
    expect([etcd.calls, lines]).toEqual([again, [waiting, joining]]);
    expectWhole();
  });

  it("has one join again whose data is gone from below it while it runs", async () => {
    etcd.voter("m-etcd-2").hasData = false;
    await join();
    expect(etcd.calls).toEqual(again);
    expectWhole();
  });

  it("goes on wherever it was cut off", async () => {
    for (let done = 0; done < again.length; done += 1) {
      await etcd.stop();
      etcd = await new FakeVoters().start();
      etcd.loseData("m-etcd-2");
      etcd.breakAfter = done;
      await expect(join(), `cut off after ${done} steps`).rejects.toThrow();
      etcd.breakAfter = Number.POSITIVE_INFINITY;
      await join();
      expectWhole();
    }
  });

  it("removes none while another one is not healthy", async () => {
    etcd.loseData("m-etcd-2");
    etcd.voter("m-etcd-3").runs = false;
    await expect(join()).rejects.toMatchObject({ code: "deadline" });
    expect(etcd.calls).toEqual([]);
  });

  it("drops no data of one that answers, though etcd knows it by another address", async () => {
    const voters = etcd.places.map((one) => ({ ...one, peerUrl: `${one.peerUrl}0` }));
    await expect(join({ voters })).rejects.toThrow(
      "it answers, but etcd lists nobody who has started at https://10.0.0.2:23800",
    );
    expect(etcd.calls).toEqual([]);
  });

  it("does not wait for a quorum that cannot be before more voters are made, and warns", async () => {
    etcd.voter("m-etcd-1").runs = false;
    etcd.voter("m-etcd-3").runs = false;
    expect(await join()).toEqual({});
    expect(lines.at(-1)).toBe("warning: m-etcd-2 is made; etcd has no quorum before more of its voters run");
  });

  it("finds etcd with the password that was before, or without any", async () => {
    await join({ rootPassword: "newer" });
    etcd.password = undefined;
    await join();
    etcd.password = "root-secret";
    const failure = await join({ rootPassword: "x-wrong" }, { rootPassword: "y-wrong" })?.catch(String);
    expect(failure).toMatch(/takes no password of root that this stack knows/);
    expect(failure).not.toMatch(/x-wrong|y-wrong|root-secret/);
  });

  it("asks nobody when only a password is another one", async () => {
    await etcd.stop();
    expect(await join({ container: "first", rootPassword: "newer" })).toEqual({});
  });
});

describe("VoterJoined, for one that may take the place of a voter in another zone", () => {
  const elsewhere = "https://10.9.0.2:2380";
  const instead = [elsewhere, "https://10.8.0.2:2380"];
  const placeTaken = "info: m-etcd-2 takes the place of m-b-etcd-2, which is removed from etcd";

  /** The second voter stood elsewhere and is gone; the one that is to be there is new. */
  function lostElsewhere(): void {
    etcd.listed = etcd.listed.map((one) =>
      one.ID === "12" ? { ID: "12", name: "m-b-etcd-2", peerURLs: [elsewhere] } : one,
    );
    etcd.loseData("m-etcd-2");
  }

  function make(change: Properties = {}) {
    return kind().create(properties({ instead, ...change }), context);
  }

  it("is made at once while nobody else runs", async () => {
    for (const name of ["m-etcd-1", "m-etcd-3"]) etcd.voter(name).runs = false;
    expect(await make()).toEqual({ id: "m-etcd-2", outputs: {} });
    expect([etcd.calls, lines]).toEqual([[], []]);
  });

  it("is made as soon as etcd says that it was counted on from the beginning", async () => {
    etcd.password = undefined;
    expect(await make()).toEqual({ id: "m-etcd-2", outputs: {} });
    expect([etcd.calls, lines]).toEqual([[], []]);
  });

  it("removes whoever stood elsewhere, and joins", async () => {
    lostElsewhere();
    etcd.lag = 2;
    expect(await make()).toEqual({ id: "m-etcd-2", outputs: {} });
    expect([etcd.calls, lines]).toEqual([again, [placeTaken]]);
    expectWhole();
  });

  it("goes on wherever that was cut off", async () => {
    for (let done = 0; done < again.length; done += 1) {
      await etcd.stop();
      etcd = await new FakeVoters().start();
      lostElsewhere();
      etcd.breakAfter = done;
      await expect(make({ deadlineSeconds: 0.1 }), `cut off after ${done} steps`).rejects.toThrow();
      etcd.breakAfter = Number.POSITIVE_INFINITY;
      await make();
      // etcd looks at whom it starts among only while it has no data.
      etcd.voter("m-etcd-2").configuration = etcd.declared;
      expectWhole();
    }
  });

  it("removes nobody while another one is not healthy", async () => {
    lostElsewhere();
    etcd.voters.push({ ...etcd.voter("m-etcd-1"), name: "m-etcd-4", url: "https://127.0.0.1:1", id: "14" });
    etcd.listed.push({ ID: "14", name: "m-etcd-4", peerURLs: ["https://10.0.0.4:2380"] });
    const voters = etcd.places.map((one) =>
      one.name === "m-etcd-4" ? { ...one, peerUrl: "https://10.0.0.4:2380" } : one,
    );
    await expect(make({ voters })).rejects.toThrow(/it cannot join while m-etcd-4 is not healthy/);
    expect(etcd.calls).toEqual([]);
    etcd.voters.pop();
  });

  it("removes none that is declared, whatever stands among the places", async () => {
    lostElsewhere();
    await make({ instead: [elsewhere, "https://10.0.0.1:2380", "https://10.0.0.2:2380"] });
    expect(etcd.calls).toEqual(again);
    expectWhole();
  });

  it("takes its place again by an update as well", async () => {
    lostElsewhere();
    await join({ instead });
    expect([etcd.calls, lines]).toEqual([again, [waiting, placeTaken]]);
    expectWhole();
  });

  it("says so when nobody knows whether it is expected", async () => {
    for (const { name } of etcd.places) if (name !== "m-etcd-1") etcd.voter(name).hasData = false;
    await expect(make()).rejects.toThrow(/^etcd says whether it knows m-etcd-2: not within 3 s: /);
    expect(etcd.calls).toEqual([]);
  });
});

describe("VoterJoined, when the state is refreshed", () => {
  it("stands as declared while its volume has data", async () => {
    expect(await kind().read?.(properties(), context)).toEqual({});
  });

  it("is an update when the data is gone", async () => {
    etcd.loseData("m-etcd-2");
    expect(await kind().read?.(properties(), context)).toEqual({ container: "" });
    expect(lines).toEqual([expect.stringMatching(/^info: m-etcd-2 has lost its data/)]);
  });

  it("is taken as it was where the engine does not answer", async () => {
    const tools = () => {
      throw new ActionError("unreachable", "m-etcd-2 at unix:///engine: nobody");
    };
    expect(await voterJoinedIn({ tools }).read?.(properties(), context)).toEqual({});
    expect(lines).toEqual([expect.stringMatching(/^warning: taken as it was/)]);
  });
});

describe("a preview of VoterJoined", () => {
  const urn = "urn:pulumi:dev::spilo::spilo:index:SpiloCluster$spilo:index:VoterJoined::m-etcd-2-joined";
  const provider = spiloProvider(async () => undefined);

  async function changes(news: Properties): Promise<boolean | undefined> {
    const state = properties({ access: secret(access), rootPassword: secret("root-secret") });
    return (await provider.diff?.("m-etcd-2", urn, state, { ...state, ...news }))?.changes;
  }

  it("is an update for another container or password, and none for a certificate or a configuration", async () => {
    expect(await changes({ container: "second" })).toBe(true);
    expect(await changes({ rootPassword: secret("another") })).toBe(true);
    expect(await changes({ access: secret({ ...access, certificate: "renewed" }) })).toBe(false);
    expect(await changes({ configuration: { file: "etcd.yml", content: "name: y\n" } })).toBe(false);
  });
});
