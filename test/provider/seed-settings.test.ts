import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { etcdClient } from "../../actions/etcd/etcd-client.ts";
import {
  changeSettingsAtRest,
  type SeedOptions,
  seedSettings,
} from "../../actions/settings/seed-settings.ts";
import { FakeEtcd } from "./fake-etcd.ts";
import { hastyClock } from "./hasty-clock.ts";
import { access } from "./test-access.ts";

const configKey = "/service/orders/config";
const settings = { ttl: 30, postgresql: { parameters: { max_connections: 200 } } };

let etcd: FakeEtcd;

beforeEach(async () => {
  etcd = await new FakeEtcd().start();
});

afterEach(() => etcd.stop());

function options(endpoints: readonly string[] = [etcd.url]): SeedOptions {
  const clock = hastyClock();
  return {
    etcd: etcdClient({ endpoints, access, timeoutMs: 500 }),
    configKey,
    settings,
    deadlineMs: 2000,
    clock,
  };
}

describe("the first settings of a cluster", () => {
  it("are written when the key is absent", async () => {
    expect(await seedSettings(options())).toBe("seeded");
    expect(etcd.valueOf(configKey)).toEqual(settings);
  });

  it("are left alone when they are there already, in whatever order", async () => {
    etcd.put(configKey, '{"postgresql":{"parameters":{"max_connections":"200"}},"ttl":30}');
    expect(await seedSettings(options())).toBe("kept");
    expect(etcd.writes).toBe(0);
  });

  it("never overwrite those of a cluster that was bootstrapped", async () => {
    etcd.put(configKey, '{"ttl":20}');
    etcd.put("/service/orders/initialize", "7300000000000000000");
    expect(await seedSettings(options())).toBe("running");
    expect(etcd.valueOf(configKey)).toEqual({ ttl: 20 });
  });

  it("replace those of an attempt that never made a cluster", async () => {
    etcd.put(configKey, '{"ttl":20}');
    expect(await seedSettings(options())).toBe("seeded");
    expect(etcd.valueOf(configKey)).toEqual(settings);
  });

  it("wait for a quorum, and ask the next voter when one does not answer", async () => {
    etcd.refuse = 3;
    expect(await seedSettings(options(["https://127.0.0.1:9", etcd.url]))).toBe("seeded");
  });

  it("give up at the deadline with the reason and where to look", async () => {
    etcd.refuse = 1000;
    await expect(seedSettings(options())).rejects.toThrow(
      /etcd takes the cluster's first settings: not within 2 s: no etcd voter answers: .*503 no leader\. docker logs of the etcd/,
    );
  });
});

describe("settings of a cluster none of whose members runs", () => {
  it("are merged into what the key holds", async () => {
    etcd.put(configKey, '{"ttl":20,"pause":true,"postgresql":{"parameters":{"jit":"off"}}}');
    await changeSettingsAtRest(options(), { postgresql: { parameters: { jit: "off" } } });
    const parameters = { max_connections: 200 };
    expect(etcd.valueOf(configKey)).toEqual({ ttl: 30, pause: true, postgresql: { parameters } });
  });
});
