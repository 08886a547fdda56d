import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SpiloClusterArgs } from "../../components/index.ts";
import { root } from "../../toolchain/paths.ts";
import { example, exampleNames } from "../examples.ts";
import { pairedSource } from "./paired-source.ts";
import { known, ofType, record } from "./recorder.ts";

/** What stands beside the specification: keys and secrets, which are in no example. */
const beside: Readonly<Record<string, Partial<SpiloClusterArgs>>> = {
  restore: { storeKey: { accessKey: "archiver", secretKey: "key-of-the-store" } },
  standby: { source: pairedSource() },
};

/** What each of them says of itself. */
interface Claim {
  readonly members: number;
  /** Containers, or machines of AWS's. */
  readonly parts: number;
  /** Of the sentences on what it survives, the one that it is an example of. */
  readonly survives: string;
}

const claims: Readonly<Record<string, Claim>> = {
  single: { members: 1, parts: 5, survives: "not the loss of its one member" },
  zonal: { members: 3, parts: 9, survives: "any one member" },
  "cross-zone": { members: 3, parts: 10, survives: "any one of three zones" },
  replicas: { members: 3, parts: 11, survives: "any one member" },
  "standby-source": { members: 3, parts: 9, survives: "any one member" },
  standby: { members: 3, parts: 9, survives: "any one member" },
  restore: { members: 1, parts: 6, survives: "not the loss of its one member" },
  aws: { members: 3, parts: 6, survives: "any one of three zones" },
};

describe("the examples", () => {
  it("are all named here, and in their README", () => {
    const readme = readFileSync(join(root, "examples/README.md"), "utf8");
    expect(exampleNames.toSorted()).toEqual(Object.keys(claims).toSorted());
    for (const name of exampleNames) expect(readme).toContain(`[${name}.yaml](${name}.yaml)`);
  });

  it.each(exampleNames)("%s is previewed as what it says", async (name) => {
    const claim = claims[name];
    const { resources, cluster } = await record({ ...example(name), ...beside[name] }, { stack: name });
    expect(await known(cluster.survives)).toContain(claim?.survives);
    expect(await known(cluster.members)).toHaveLength(claim?.members ?? 0);
    const made = name === "aws" ? "aws:ec2/instance:Instance" : "docker:index/container:Container";
    expect(ofType(resources, made).size).toBe(claim?.parts);
  });
});
