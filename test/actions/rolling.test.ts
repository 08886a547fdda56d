import { beforeEach, describe, expect, it } from "vitest";
import { hasJoined } from "../../actions/rolling/has-joined.ts";
import { prepareToLeave } from "../../actions/rolling/leave.ts";
import { takeTurn } from "../../actions/rolling/take-turn.ts";
import { FakeServers, listener } from "./fake-servers.ts";

let servers: FakeServers;
let told: ReturnType<typeof listener>;
let handOvers: string[];

beforeEach(() => {
  servers = new FakeServers();
  told = listener();
  handOvers = [];
});

/** The roles change at once. */
async function handOver(to: string) {
  const from = servers.leader ?? "";
  handOvers.push(`${from} → ${to}`);
  Object.assign(servers.server(from), { streams: true, synchronous: true });
  Object.assign(servers.server(to), { streams: false, synchronous: false });
  servers.leader = to;
  return { from };
}

function take(member: string, renewed: readonly string[] = []): Promise<void> {
  const { handle } = servers;
  const { narrator } = told;
  return takeTurn({ member, handle, handOver, renewed: new Set(renewed), narrator, deadlineMs: 5_000 });
}

describe("a member's turn", () => {
  it("comes at once for a standby of a cluster in which all serve", async () => {
    await take("dev-2");
    expect([handOvers, told.lines, servers.calls]).toEqual([[], [], []]);
  });

  it("comes for the leader when another one leads: one that is renewed", async () => {
    await take("dev-1", ["dev-3"]);
    expect(handOvers).toEqual(["dev-1 → dev-3"]);
    expect(told.lines).toEqual(["note switchover from dev-1 to dev-3"]);
  });

  it("comes when another member, which has just started, streams again", async () => {
    const late = servers.server("dev-3");
    Object.assign(late, { streams: false, synchronous: false });
    let waited = 0;
    const sleep = servers.clock.sleep.bind(servers.clock);
    servers.clock.sleep = async (milliseconds) => {
      waited += 1;
      if (waited === 3) Object.assign(late, { streams: true, synchronous: true });
      await sleep(milliseconds);
    };
    await take("dev-2");
    expect(waited).toBe(3);
  });

  it("does not come while another member does not serve, and says what to do", async () => {
    servers.down("dev-3");
    await expect(take("dev-2")).rejects.toMatchObject({
      code: "deadline",
      message: expect.stringMatching(
        /^every member but dev-2 serves: not within 5 s: dev-3 does not stream from dev-1 \(stopped\)\. dev-2 was not touched\. `spiloctl status`/,
      ),
    });
    expect(handOvers).toEqual([]);
  });

  it("comes at once for one that is not in service: that repairs it", async () => {
    servers.down("dev-2");
    servers.down("dev-3");
    await take("dev-2");
    expect(told.lines).toEqual([
      "note dev-2 does not stream from dev-1 (stopped): it is replaced to be repaired",
    ]);
  });

  it("comes for the only member, with a warning", async () => {
    servers = new FakeServers(1);
    await take("dev-1");
    expect(told.lines).toEqual(["warn dev-1 is the only member: nobody writes until it is back"]);
  });

  it("comes in a cluster of which nobody answers, with a warning", async () => {
    for (const { name } of servers.servers) servers.gone(name);
    await take("dev-2");
    expect(told.lines).toEqual([expect.stringMatching(/^warn dev-2 is replaced although nobody can say/)]);
  });

  it("does not come for the only synchronous standby before another one is", async () => {
    Object.assign(servers.server("dev-3"), { synchronous: false });
    await expect(take("dev-2")).rejects.toThrow(/no standby but dev-2 is synchronous/);
  });
});

describe("having joined", () => {
  it("is to stream, or to lead", async () => {
    for (const member of ["dev-1", "dev-2"]) {
      await expect(hasJoined({ member, handle: servers.handle, deadlineMs: 1000 })).resolves.toBeUndefined();
    }
  });

  it("is not to stream on an old timeline", async () => {
    servers.server("dev-2").timeline = 2;
    await expect(hasJoined({ member: "dev-2", handle: servers.handle, deadlineMs: 1000 })).rejects.toThrow(
      "dev-2 has joined the cluster: not within 1 s: dev-2 is on timeline 2, and dev-1 on 3. docker logs dev-2",
    );
  });
});

describe("before members are removed", () => {
  const leave = (...leaving: readonly string[]) =>
    prepareToLeave({ leaving, handle: servers.handle, handOver, narrator: told.narrator, deadlineMs: 5_000 });

  it("nothing happens when whoever leads stays", async () => {
    await leave("dev-2", "dev-3");
    expect([handOvers, told.lines]).toEqual([[], []]);
  });

  it("one that stays takes over when whoever leads goes", async () => {
    await handOver("dev-3");
    handOvers = [];
    await leave("dev-2", "dev-3");
    expect(handOvers).toEqual(["dev-3 → dev-1"]);
    expect(told.lines[0]).toBe("note dev-3 leads and is to be removed: one of dev-1 takes over first");
  });

  it("those that stay have to serve", async () => {
    servers.down("dev-1");
    servers.leader = "dev-3";
    await expect(leave("dev-2", "dev-3")).rejects.toThrow(
      /every member that stays serves: .* dev-1 does not stream from dev-3 \(stopped\)\. dev-2, dev-3: not removed/,
    );
  });

  it("nobody goes while nobody says who leads", async () => {
    for (const { name } of servers.servers) servers.gone(name);
    await expect(leave("dev-3")).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("nobody says who leads"),
    });
  });

  it.each([
    ["stopped", { pause: true, spilo: { stopped: true } }, /spiloctl start/],
    ["paused", { pause: true }, /spiloctl resume/],
  ])("nobody goes while the cluster is %s", async (_title, how, remedy) => {
    servers.config = { ...servers.config, ...how };
    await expect(leave("dev-3")).rejects.toThrow(remedy);
  });
});
