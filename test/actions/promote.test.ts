import { beforeEach, describe, expect, it } from "vitest";
import type { ClusterHandle } from "../../actions/handle.ts";
import { follow } from "../../actions/verbs/follow.ts";
import { type PromoteOptions, promote } from "../../actions/verbs/promote.ts";
import { Refusal } from "../../actions/verbs/verb.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { FakeServers, listener } from "./fake-servers.ts";
import { handleOf } from "./test-handle.ts";

/** What a server says of itself when it is asked by SQL. */
const position = {
  ...{ systemIdentifier: "7", inRecovery: true, replayed: "0/5000100", unreplayedBytes: 0, behindBytes: 0 },
  ...{ streams: true, heardSeconds: 0.2, lastCommit: "2030-01-01T00:00:00.000Z", lastCommitSeconds: 3 },
};

/** A cluster of a pair. */
class Side {
  readonly servers: FakeServers;
  readonly name: string;
  says: object;
  /** Of pg_controldata. */
  ended = "shut down";
  checkpoint = "0/5000080";
  standbys = true;

  constructor(name: string, servers: number, says: object) {
    this.name = name;
    this.servers = new FakeServers(servers);
    this.says = says;
  }

  get handle(): ClusterHandle {
    const own = this.servers.handle;
    const answer = (output: string) => Promise.resolve({ exitCode: 0, output, errors: "" });
    return {
      ...handleOf(new FakeCluster({ members: 1 })),
      ...own,
      name: this.name,
      endpoint: {
        address: `10.0.0.${this.name.length}`,
        readWritePort: 5000,
        readOnlyPort: 5001,
        standbys: this.standbys,
      },
      execOn: (part) => (container, command, options) => {
        if (command[0] === "psql") return answer(`${JSON.stringify(this.says)}\n`);
        if (!command.includes("last-checkpoint")) return own.execOn(part)(container, command, options);
        return answer(
          `Database cluster state:               ${this.ended}\nLatest checkpoint location:           ${this.checkpoint}\n`,
        );
      },
    };
  }
}

let source: Side;
let standby: Side;
let told: ReturnType<typeof listener>;

beforeEach(() => {
  source = new Side("orders", 3, { ...position, inRecovery: false });
  standby = new Side("orders-eu", 1, position);
  standby.servers.config = { ...standby.servers.config, standby_cluster: { host: "10.0.0.6", port: 5000 } };
  told = listener();
});

const promoted = (options: PromoteOptions = {}) =>
  promote(standby.handle, { deadlineMs: 5000, ...options }, told.narrator);

describe("promote, without the other cluster", () => {
  it("refuses while that serves, and changes nothing", async () => {
    const refusal = await promoted().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({
      reasons: [
        "10.0.0.6:5000 serves, and both clusters would take writes",
        expect.stringContaining("0 B of what"),
      ],
      dataMayBeLost: false,
    });
    expect(standby.servers.calls).toEqual([]);
  });

  it("says what may be lost, and takes writes when that is accepted", async () => {
    standby.says = { ...position, streams: false, heardSeconds: null, behindBytes: null };
    await expect(promoted()).rejects.toMatchObject({ dataMayBeLost: true });
    const report = await promoted({ acceptDataLoss: true });
    const mayBeLost = expect.stringContaining("the last commit is of 2030-01-01T00:00:00.000Z, 3 s ago");
    expect(report).toMatchObject({ already: false, leader: "dev-1", reversed: false, mayBeLost });
    expect(standby.servers.calls).toEqual(['PATCH {"standby_cluster":null}']);
  });

  it("waits until all that was received is replayed", async () => {
    standby.says = { ...position, unreplayedBytes: 100 };
    const options = { force: true, acceptDataLoss: true };
    await expect(promoted(options)).rejects.toThrow(/all that was received is replayed.*100 bytes are not/);
    expect(standby.servers.calls).toEqual([]);
  });

  it("is done already where nobody is followed", async () => {
    standby.servers.config = { loop_wait: 10 };
    expect(await promoted()).toMatchObject({ already: true, leader: "dev-1" });
  });
});

describe("promote, with the other cluster", () => {
  it("stops that first, has all that it has written, and has it follow", async () => {
    const report = await promoted({ source: source.handle });
    expect(report).toMatchObject({ leader: "dev-1", reversed: true, mayBeLost: null });
    expect(source.servers.calls.filter((call) => call.startsWith("stop "))).toHaveLength(3);
    expect(source.servers.config["standby_cluster"]).toEqual({
      ...{ host: "10.0.0.9", port: 5000 },
      create_replica_methods: ["basebackup"],
    });
    expect(source.servers.config).not.toHaveProperty("pause");
    expect(source.servers.servers.map(({ state }) => state)).toEqual(["running", "running", "running"]);
    expect(standby.servers.config).not.toHaveProperty("standby_cluster");
  });

  it.each([
    ["did not get its last record", () => (source.checkpoint = "0/5000100"), /the end is at 0\/5000100/],
    ["did not end in good order", () => (source.ended = "in production"), /not shut down in good order/],
  ])("has that lead again when this one %s", async (_case, happen, message) => {
    happen();
    const failing = promoted({ source: source.handle });
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toThrow("orders leads again, and nothing is lost");
    expect(source.servers.config).not.toHaveProperty("standby_cluster");
    expect(source.servers.leader).toBeDefined();
    expect(standby.servers.calls).toEqual([]);
  });

  it.each([
    ["is another database", () => (source.says = { ...position, inRecovery: false, systemIdentifier: "8" })],
    ["could not follow", () => (standby.standbys = false)],
    ["is far ahead", () => (standby.says = { ...position, behindBytes: 2 ** 30 })],
  ])("touches nothing when that %s", async (_case, happen) => {
    happen();
    await expect(promoted({ source: source.handle })).rejects.toBeInstanceOf(Refusal);
    expect([...source.servers.calls, ...standby.servers.calls]).toEqual([]);
  });
});

describe("follow", () => {
  const followed = (options: object = {}) =>
    follow(source.handle, { source: standby.handle, deadlineMs: 5000, ...options }, told.narrator);

  beforeEach(() => {
    standby.servers.config = { loop_wait: 10 };
    standby.says = { ...position, inRecovery: false };
  });

  it("gives up what only this cluster has, when that is accepted", async () => {
    await expect(followed()).rejects.toMatchObject({ dataMayBeLost: true });
    expect(source.servers.calls).toEqual([]);
    expect(await followed({ acceptDataLoss: true })).toMatchObject({ follows: "orders-eu", already: false });
    expect(source.servers.config["standby_cluster"]).toMatchObject({ host: "10.0.0.9" });
    expect(await followed()).toMatchObject({ already: true });
  });

  it("refuses a cluster that does not lead", async () => {
    standby.says = position;
    await expect(followed({ acceptDataLoss: true })).rejects.toThrow("orders-eu does not lead");
    expect(source.servers.calls).toEqual([]);
  });
});
