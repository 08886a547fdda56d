import { describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { ContainerExec } from "../../actions/engine/container-exec.ts";
import { orderProxies } from "../../actions/proxy-order.ts";

const proxies = [1, 2].map((index) => ({ name: `dev-proxy-${index}`, engine: `unix:///engine-${index}` }));
const planned = ["dev-proxy-1", "dev-proxy-2"];

/** @param holders those on whose interface the address is; a missing container is an error. */
function ordered(holders: readonly string[], missing: readonly string[] = []): Promise<readonly string[]> {
  const exec =
    (engine: string): ContainerExec =>
    async (container, command) => {
      expect([engine, command.at(-1)]).toEqual([`unix:///engine-${container.slice(-1)}`, "10.90.7.10"]);
      if (missing.includes(container)) throw new ActionError("failed", `${container}: no such container`);
      return {
        exitCode: 0,
        output: holders.includes(container) ? "2: eth0 inet 10.90.7.10/32" : "",
        errors: "",
      };
    };
  return orderProxies({ proxies, virtualAddress: "10.90.7.10", exec });
}

describe("the order of proxies", () => {
  it("has the one last that holds the address", async () => {
    expect(await ordered(["dev-proxy-1"])).toEqual(["dev-proxy-2", "dev-proxy-1"]);
    expect(await ordered(["dev-proxy-2"])).toEqual(planned);
  });

  it("is the planned one when nobody holds it, or nobody is there", async () => {
    expect(await ordered([])).toEqual(planned);
    expect(await ordered([], planned)).toEqual(planned);
  });

  it("takes one that does not answer before the holder", async () => {
    expect(await ordered(["dev-proxy-1"], ["dev-proxy-2"])).toEqual(["dev-proxy-2", "dev-proxy-1"]);
  });

  it("asks nobody when there is only one", async () => {
    const exec = () => {
      throw new Error("asked");
    };
    const [one] = proxies;
    expect(one && (await orderProxies({ proxies: [one], virtualAddress: "10.90.7.10", exec }))).toEqual([
      "dev-proxy-1",
    ]);
  });
});
