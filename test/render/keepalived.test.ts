import { describe, expect, it } from "vitest";
import { containerPaths, renderKeepalived } from "../../cluster/index.ts";
import { runIn } from "./container.ts";
import { firstOf, planOf } from "./plans.ts";

const path = containerPaths.keepalivedConfig;

describe("keepalived.conf", () => {
  it.each([
    ["with all defaults", {}],
    ["with another address", { network: { subnet: "10.90.255.0/24" }, endpoint: { vip: "10.90.255.2" } }],
  ])("%s is accepted by keepalived without a word", async (_title, written) => {
    const { exitCode, output } = await check(configurationOf(written));
    expect(output).toBe("");
    expect(exitCode).toBe(0);
  });

  it("is not accepted with an option that keepalived does not have", async () => {
    const { exitCode, output } = await check(configurationOf({}).replace("nopreempt", "nopreemptt"));
    expect(output).toContain("nopreemptt");
    expect(exitCode).not.toBe(0);
  });
});

/** The interface is told by the container as it starts; it has to be one that exists. */
function check(configuration: string) {
  return runIn({
    image: "proxy",
    options: ["--cap-add", "NET_ADMIN"],
    files: { [path]: configuration },
    script: `
      ip link add eth0 type veth peer name eth1 && ip link set eth0 up && ip link set eth1 up
      echo '$INTERFACE=eth0' >${containerPaths.keepalivedInterface}
      keepalived -t -f ${path} 2>&1
    `,
  });
}

function configurationOf(written: object): string {
  const plan = planOf(written);
  return renderKeepalived(plan, firstOf(plan.proxies), "of-thirty-two-characters");
}
