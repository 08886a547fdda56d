import { beforeEach, describe, expect, it, vi } from "vitest";
import { differing, ofType, record } from "./recorder.ts";

const container = "docker:index/container:Container";
const identity = "spilo:index:Identity";

/** What another version of the templates writes, and for which parts. */
const other = vi.hoisted(() => ({ file: "", part: "" }));

vi.mock("../../cluster/index.ts", async (original) => {
  const real = await original<typeof import("../../cluster/index.ts")>();
  const added = (file: string, { name }: { readonly name: string }) =>
    other.file === file && name.startsWith(other.part) ? "# another line\n" : "";
  const renderEtcd: typeof real.renderEtcd = (plan, voter, token) =>
    real.renderEtcd(plan, voter, token) + added("etcd.yml", voter);
  const renderHaproxy: typeof real.renderHaproxy = (plan, proxy) =>
    real.renderHaproxy(plan, proxy) + added("haproxy.cfg", proxy);
  const renderKeepalived: typeof real.renderKeepalived = (plan, proxy, secret) =>
    real.renderKeepalived(plan, proxy, secret) + added("keepalived.conf", proxy);
  return { ...real, renderEtcd, renderHaproxy, renderKeepalived };
});

beforeEach(() => {
  Object.assign(other, { file: "", part: "" });
});

describe("another configuration", () => {
  it.each([
    ["etcd.yml", "orders-etcd-2"],
    ["haproxy.cfg", "orders-proxy-1"],
    ["keepalived.conf", "orders-proxy-2"],
  ])("%s replaces the container of that part and no other", async (file, part) => {
    const { resources: before } = await record({ name: "orders" });
    Object.assign(other, { file, part });
    const { resources: after } = await record({ name: "orders" });
    const voterTurn = file === "etcd.yml" ? [`spilo:index:VoterTurn ${part}-turn`] : [];
    expect(differing(before, after)).toEqual([
      `${container} ${part}`,
      `${identity} ${part}-files`,
      ...voterTurn,
    ]);
    const [old, now] = [before, after].map((all) => ofType(all, container).get(part));
    expect({ ...now, envs: old?.["envs"] }).toEqual(old);
    expect(now?.["envs"]).toEqual([expect.stringMatching(/^CONFIGURATION=[0-9a-f]{16}$/)]);
  });
});

it("a variable that the engine shows says nothing of a secret in a configuration", async () => {
  const envs = async (secret: string) => {
    const { resources } = await record({ name: "orders", endpoint: { pooled: true } }, { secret });
    return ofType(resources, container).get("orders-proxy-1")?.["envs"];
  };
  expect(await envs("one")).toEqual(await envs("another"));
});
