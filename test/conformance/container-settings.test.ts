/** What a container is given, on a real engine, and what of it comes back. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure, openBench, shell } from "./bench.ts";
import { docker, run } from "./leftovers.ts";

const bench = openBench("settings");

async function newNetwork(name: string, subnet: string): Promise<string> {
  const inputs = { name: bench.prefix + name, ipamConfigs: [{ subnet }] };
  return String((await bench.plugin.create("network", inputs)).state["name"]);
}

describe.concurrent("uploads", () => {
  it("are there before the process starts, with their modes, owned by root, in folders that are made", async () => {
    const source = join(bench.folder, "source");
    await writeFile(source, "from a file");
    const uploads = [
      { file: "/deep/er/plain", content: "text" },
      { file: "/bin64", contentBase64: Buffer.from([0, 255]).toString("base64") },
      { file: "/run.sh", content: "#!/bin/sh", executable: true },
      { file: "/key", content: "k", permissions: "0600", owner: "7", group: "8" },
      { file: "/sourced", source },
    ];
    const script = "cat /deep/er/plain > /seen; exec sleep 600";
    const made = await bench.plugin.create("container", {
      ...bench.idle("uploads", { uploads }),
      ...shell(script),
    });
    expect(await run(made.id, "cat", "/seen")).toBe("text");
    const modes = await run(made.id, "stat", "-c", "%n %a %u:%g", "/deep/er/plain", "/run.sh", "/key");
    expect(modes.split("\n")).toEqual(["/deep/er/plain 644 0:0", "/run.sh 744 0:0", "/key 600 7:8"]);
    expect(await run(made.id, "hexdump", "-e", '1/1 "%u "', "/bin64")).toBe("0 255");
    expect(await run(made.id, "cat", "/sourced")).toBe("from a file");
  });

  it("a source's new content is not seen", async () => {
    const source = join(bench.folder, "changing");
    await writeFile(source, "one");
    const inputs = bench.idle("source", { uploads: [{ file: "/a", source }] });
    const made = await bench.plugin.create("container", inputs);
    await writeFile(source, "two");
    expect(await bench.plugin.diff("container", await bench.plugin.read("container", made), inputs)).toEqual(
      [],
    );
  });

  it("what the container does to a file is not seen", async () => {
    const inputs = bench.idle("drifting", { uploads: [{ file: "/a", content: "one" }] });
    const made = await bench.plugin.create("container", inputs);
    await run(made.id, "sh", "-c", "echo two > /a");
    expect(await bench.plugin.diff("container", await bench.plugin.read("container", made), inputs)).toEqual(
      [],
    );
  });

  it("with empty content are an error, and the container is left in Created", async () => {
    const inputs = bench.idle("empty", { uploads: [{ file: "/a", content: "" }] });
    const { message, left } = await failure(bench.plugin.create("container", inputs));
    expect(message).toContain("one of 'content', 'content_base64', or 'source' must be set");
    if (!left) throw new Error("nothing is left in the state");
    expect((await docker.getContainer(left.id).inspect()).State.Status).toBe("created");
    expect(await bench.plugin.diff("container", left, inputs)).toContain("entrypoints!");
  });
});

describe.concurrent("networksAdvanced", () => {
  it("leaves the bridge, and has the address and aliases that were asked for", async () => {
    const one = await newNetwork("one", "10.213.1.0/24");
    const two = await newNetwork("two", "10.213.2.0/24");
    const networksAdvanced = [{ name: one, ipv4Address: "10.213.1.77", aliases: ["db"] }, { name: two }];
    const made = await bench.plugin.create("container", bench.idle("attached", { networksAdvanced }));
    const { Networks } = (await docker.getContainer(made.id).inspect()).NetworkSettings;
    expect(Object.keys(Networks).sort()).toEqual([one, two].sort());
    expect(Networks[one]?.IPAddress).toBe("10.213.1.77");
    expect(Networks[one]?.Aliases).toContain("db");
    expect(made.state["networkDatas"]).toContainEqual(expect.objectContaining({ ipAddress: "10.213.1.77" }));
  });

  it("drift of them is invisible", async () => {
    const name = await newNetwork("left", "10.213.3.0/24");
    const inputs = bench.idle("leaving", { networksAdvanced: [{ name }] });
    const made = await bench.plugin.create("container", inputs);
    await docker.getNetwork(name).disconnect({ Container: made.id });
    expect(await bench.plugin.diff("container", await bench.plugin.read("container", made), inputs)).toEqual(
      [],
    );
  });

  it("with networkMode none is an error", async () => {
    const name = await newNetwork("none", "10.213.4.0/24");
    const { message } = await failure(
      bench.plugin.create(
        "container",
        bench.idle("lonely", { networkMode: "none", networksAdvanced: [{ name }] }),
      ),
    );
    expect(message).toContain(`Unable to connect to network '${name}'`);
  });

  it("with a network that does not exist fails at the start, and the container is left in Created", async () => {
    const networksAdvanced = [{ name: `${bench.prefix}nowhere` }];
    const { message, left } = await failure(
      bench.plugin.create("container", bench.idle("nowhere", { networksAdvanced })),
    );
    expect(message).toContain("Unable to start container: Error response from daemon: network");
    if (!left) throw new Error("nothing is left in the state");
    expect((await docker.getContainer(left.id).inspect()).State.Status).toBe("created");
  });
});

describe.concurrent("capabilities", () => {
  it("come back in their long form after a refresh only", async () => {
    const inputs = bench.idle("capable", { capabilities: { adds: ["NET_ADMIN"], drops: ["ALL"] } });
    const made = await bench.plugin.create("container", inputs);
    expect(await bench.plugin.diff("container", made, inputs)).toEqual([]);
    const read = await bench.plugin.read("container", made);
    expect(read.state["capabilities"]).toEqual({ adds: ["CAP_NET_ADMIN"], drops: ["ALL"] });
    expect(await bench.plugin.diff("container", read, inputs)).toEqual(["capabilities!"]);
  });

  it("that nobody knows get the engine's error", async () => {
    const inputs = bench.idle("incapable", { capabilities: { adds: ["CAP_NOPE"] } });
    const { message, left } = await failure(bench.plugin.create("container", inputs));
    expect(message).toContain('invalid CapAdd: unknown capability: "CAP_NOPE"');
    expect(left).toBeUndefined();
  });
});
