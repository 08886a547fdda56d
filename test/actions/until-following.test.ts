import { beforeEach, describe, expect, it } from "vitest";
import { settingsWhileFollowing } from "../../actions/standby/settings-while-following.ts";
import { untilFollowing } from "../../actions/standby/until-following.ts";
import { FakeServers } from "./fake-servers.ts";

let cluster: FakeServers;
let lines: string[];

beforeEach(() => {
  cluster = new FakeServers(1);
  cluster.config = { standby_cluster: { host: "10.0.0.6", port: 5000 } };
  lines = [];
});

function waiting(log = "") {
  const { patroni, members, clock } = cluster.handle;
  const report = (line: string) => void lines.push(line);
  const tools = { members, patroni, clock, report, log: async () => log };
  return untilFollowing({ ...tools, followed: "orders", deadlineMs: 5000 });
}

describe("a cluster that is to follow another one", () => {
  it("is there when its leader receives", async () => {
    expect(await waiting()).toBe("dev-1");
  });

  it("fails with what the other one says when that lets nobody in", async () => {
    cluster.leader = undefined;
    cluster.server("dev-1").state = "creating replica";
    const refused = 'pg_basebackup: error: FATAL:  password authentication failed for user "standby_1"\n';
    await expect(waiting(refused.repeat(6))).rejects.toThrow(
      /orders does not let it in: .*password authentication failed.*spilo:source/,
    );
  });

  it("is refused when it leads by itself", async () => {
    cluster.config = {};
    await expect(waiting()).rejects.toThrow(/never gives up what a cluster has.*spiloctl follow/);
  });
});

describe("settings, where a cluster follows", () => {
  const [wanted, here, there] = [
    { ttl: 30 },
    { host: "10.0.0.6", port: 5000 },
    { host: "10.0.0.9", port: 5000 },
  ];
  const report = (line: string) => void lines.push(line);
  const settings = (actual: object, before?: object, now?: object) => {
    const following = (standby_cluster?: object) =>
      standby_cluster === undefined ? undefined : { standby_cluster };
    const follows = JSON.parse(JSON.stringify({ before: following(before), now: following(now) }));
    const change = { members: [], existing: [], wanted, before: {}, follows };
    return settingsWhileFollowing(change, JSON.parse(JSON.stringify(actual)), { report });
  };

  it("follow it to another address", () => {
    expect(settings({ standby_cluster: here }, here, there)).toEqual({ ttl: 30, standby_cluster: there });
  });

  it("never have a promoted cluster follow again", () => {
    expect(settings({}, here, here)).toEqual(wanted);
    expect(lines).toEqual(["the cluster was promoted and leads by itself: remove standbyOf"]);
  });

  it("never have one lead that follows, or one follow that leads", () => {
    expect(() => settings({ standby_cluster: here }, here)).toThrow(/never has it lead.*spiloctl promote/);
    expect(() => settings({}, undefined, here)).toThrow(/never gives up what it has.*spiloctl follow/);
  });

  it("are as ever of one that leads", () => {
    expect(settings({})).toEqual(wanted);
  });
});
