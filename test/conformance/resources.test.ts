/** Networks, volumes, images and secrets on a real engine. */
import { describe, expect, it } from "vitest";
import { secretNames } from "../../toolchain/docker-plugin/markers.ts";
import { failure, openBench, secret } from "./bench.ts";
import { docker } from "./leftovers.ts";
import { TINY_IMAGE } from "./tiny-image.ts";

const bench = openBench("resources");

describe("network", () => {
  it("what was asked for comes back, and what was not is no difference", async () => {
    const inputs = {
      name: `${bench.prefix}net`,
      internal: true,
      labels: [{ label: "a", value: "1" }],
      ipamConfigs: [{ subnet: "10.213.16.0/24", gateway: "10.213.16.1", ipRange: "10.213.16.128/25" }],
    };
    const made = await bench.plugin.create("network", inputs);
    expect(made.state).toMatchObject({ ...inputs, driver: "bridge", scope: "local", ipamDriver: "default" });
    const read = await bench.plugin.read("network", made);
    expect(await bench.plugin.diff("network", read, inputs)).toEqual([]);
    await bench.plugin.remove("network", read);
    expect((await bench.plugin.read("network", read)).id).toBe("");
  });

  it("a second one of the same name is refused", async () => {
    await bench.plugin.create("network", { name: `${bench.prefix}twice` });
    await expect(bench.plugin.create("network", { name: `${bench.prefix}twice` })).rejects.toThrow(
      `Unable to create network: Error response from daemon: network with name ${bench.prefix}twice already exists`,
    );
  });

  it("an overlapping subnet gets the engine's error", async () => {
    const ipamConfigs = [{ subnet: "10.213.17.0/24" }];
    await bench.plugin.create("network", { name: `${bench.prefix}first`, ipamConfigs });
    await expect(
      bench.plugin.create("network", { name: `${bench.prefix}second`, ipamConfigs }),
    ).rejects.toThrow("Pool overlaps");
  });
});

describe("volume", () => {
  it("what was asked for comes back, and its mountpoint is an output", async () => {
    const inputs = {
      name: `${bench.prefix}volume`,
      driverOpts: { type: "tmpfs", device: "tmpfs" },
      labels: [{ label: "a", value: "1" }],
    };
    const made = await bench.plugin.create("volume", inputs);
    expect(made).toMatchObject({ id: `${bench.prefix}volume`, state: { ...inputs, driver: "local" } });
    expect(made.state["mountpoint"]).toContain(bench.prefix);
    const read = await bench.plugin.read("volume", made);
    expect(await bench.plugin.diff("volume", read, inputs)).toEqual([]);
    await bench.plugin.remove("volume", read);
    expect((await bench.plugin.read("volume", read)).id).toBe("");
  });
});

describe("image", () => {
  const tag = async (name: string): Promise<string> => {
    await docker.getImage(TINY_IMAGE).tag({ repo: `${bench.prefix}${name}`, tag: "1" });
    return `${bench.prefix}${name}:1`;
  };
  const exists = async (name: string) =>
    (await docker.listImages({ filters: { reference: [name] } })).length > 0;

  it("that the engine has is used without a registry, and its tag goes with the resource", async () => {
    const name = await tag("goes");
    const made = await bench.plugin.create("remoteImage", { name });
    const { Id } = await docker.getImage(TINY_IMAGE).inspect();
    expect(made).toMatchObject({ id: Id + name, state: { imageId: Id, repoDigest: "" } });
    expect(
      await bench.plugin.diff("remoteImage", await bench.plugin.read("remoteImage", made), { name }),
    ).toEqual([]);
    await bench.plugin.remove("remoteImage", made);
    expect([await exists(name), await exists(TINY_IMAGE)]).toEqual([false, true]);
  });

  it("stays with keepLocally", async () => {
    const name = await tag("stays");
    await bench.plugin.remove(
      "remoteImage",
      await bench.plugin.create("remoteImage", { name, keepLocally: true }),
    );
    expect(await exists(name)).toBe(true);
    await docker.getImage(name).remove();
  });

  it("that is nowhere gets the engine's error", async () => {
    const name = "localhost:1/pulumi-spilo/nowhere:1";
    await expect(bench.plugin.create("remoteImage", { name })).rejects.toThrow(
      `Unable to read Docker image into resource: unable to pull image ${name}: error pulling image ${name}: Error response from daemon`,
    );
  });
});

describe("secrets", () => {
  const inputs = bench.idle("secretive", { envs: ["A=1", secret("B=hunter2")] });

  it("stay marked from the check to the state, and reach the container in clear", async () => {
    const checked = await bench.plugin.check("container", inputs);
    expect(secretNames(checked)).toEqual(new Set(["envs"]));
    const made = await bench.plugin.create("container", inputs);
    expect(secretNames(made.state)).toEqual(new Set(["envs"]));
    expect((await docker.getContainer(made.id).inspect()).Config.Env).toContain("B=hunter2");
    expect(await bench.plugin.diff("container", made, inputs)).toEqual([]);
    const read = await bench.plugin.read("container", made);
    expect(secretNames(read.state)).toEqual(new Set(["envs"]));
    const updated = await bench.plugin.update("container", read, bench.idle("secretive", { cpuShares: 512 }));
    expect(secretNames(updated.state)).toEqual(new Set(["envs"]));
  });

  it("stay marked in what a failed creation leaves in the state", async () => {
    const uploads = [
      { file: "/a", content: secret("hunter2") },
      { file: "/b", content: "" },
    ];
    const { message, left } = await failure(
      bench.plugin.create("container", bench.idle("failing", { uploads })),
    );
    expect(message).not.toContain("hunter2");
    expect(secretNames(left?.state ?? {})).toEqual(new Set(["uploads"]));
  });
});
