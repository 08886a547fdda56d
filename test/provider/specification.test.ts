import { describe, expect, it } from "vitest";
import { parseSpec } from "../../cluster/index.ts";
import { kinds } from "../../provider/kinds.ts";
import { spiloProvider } from "../../provider/provider.ts";

const urn =
  "urn:pulumi:dev::pulumi-spilo::spilo:index:SpiloCluster$spilo:index:Specification::cluster-specification";

/** Checks one specification after another, as a preview does. */
async function checked(old: object | undefined, now: object) {
  const lines: string[] = [];
  const provider = spiloProvider(async (_urn, line) => void lines.push(line), kinds);
  const inputs = (one: object) => ({ specification: parseSpec(one) });
  const olds = old === undefined ? {} : inputs(old);
  const result = await provider.check?.(urn, olds, inputs(now));
  return { failures: result?.failures ?? [], lines };
}

describe("a specification", () => {
  it("is taken as it is the first time", async () => {
    expect(await checked(undefined, { name: "orders" })).toEqual({ failures: [], lines: [] });
  });

  it("may change what can be changed, and says what only it knows", async () => {
    const parameters = { shared_buffers: "256MB", work_mem: "8MB" };
    const { failures, lines } = await checked(
      { name: "orders" },
      { name: "orders", postgresql: { parameters } },
    );
    expect(failures).toEqual([]);
    expect(lines).toEqual([
      "shared_buffers 512MB → 256MB: takes a replacement of the members",
      "every member is replaced once, one after the other; data is kept",
    ]);
  });

  it("says of a declared size of volumes what it is worth, whenever it is another one", async () => {
    const sized = (volume: string) => ({ name: "orders", resources: { volume } });
    const sentence =
      "resources.volume 100GB is declared and not enforced on Docker: " +
      "a member may fill the host's disk, and `spiloctl status` warns from 80 GB on";
    expect((await checked(undefined, sized("100GB"))).lines).toEqual([sentence]);
    expect((await checked(sized("50GB"), sized("100GB"))).lines).toEqual([sentence]);
    expect((await checked(sized("100GB"), sized("100GB"))).lines).toEqual([]);
    expect((await checked(sized("100GB"), { name: "orders" })).lines).toEqual([]);
    expect((await checked(sized("100GB"), sized("50GB"))).failures).toHaveLength(1);
  });

  it("is an update when passwords are rotated, and says so; at no other change", async () => {
    const provider = spiloProvider(async () => undefined, kinds);
    const updates = async (old: object, now: object) => {
      const [olds, news] = [{ specification: old }, { specification: parseSpec(now) }];
      return (await provider.diff?.("specification", urn, olds, news))?.changes;
    };
    const name = "orders";
    expect(await updates(parseSpec({ name }), { name, rotation: { passwords: 2 } })).toBe(true);
    expect(await updates(parseSpec({ name }), { name, rotation: { application: 2 } })).toBe(true);
    expect(
      await updates(parseSpec({ name }), { name, members: 5, rotation: { formerApplication: "closed" } }),
    ).toBe(false);
    const { rotation: _none, ...earlier } = parseSpec({ name });
    expect(await updates(earlier, { name })).toBe(false);
    const { lines } = await checked({ name }, { name, rotation: { application: 2 } });
    expect(lines).toEqual(["rotation.application 1 → 2: the application logs in as app_2"]);
  });

  it("may not change its name, with the way to get there", async () => {
    const { failures } = await checked({ name: "orders" }, { name: "invoices" });
    expect(failures).toEqual([
      {
        property: "name",
        reason:
          'error  spilo:cluster.name: "invoices"\n' +
          "       must stay orders: its containers, volumes, keys and backups are named by it.\n" +
          "       Set it back to orders. Declare a cluster invoices beside it, and bring the data there with pg_dump.",
      },
    ]);
  });

  it("may not move to another subnet while members hold addresses in it", async () => {
    const { failures } = await checked(
      { name: "orders" },
      { name: "orders", network: { subnet: "10.99.7.0/24" } },
    );
    expect(failures.map(({ property }) => property)).toEqual(["network.subnet"]);
  });
});

it("is never an update by itself", async () => {
  const provider = spiloProvider(async () => undefined, kinds);
  const [older, newer] = [parseSpec({ name: "orders" }), parseSpec({ name: "orders", members: 5 })];
  expect(
    await provider.diff?.("specification", urn, { specification: older }, { specification: newer }),
  ).toEqual({
    changes: false,
    replaces: [],
  });
});
