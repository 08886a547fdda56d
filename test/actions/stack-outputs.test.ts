import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clusterHandle } from "../../actions/handle.ts";
import { parseStackOutputs, readStackOutputs } from "../../actions/stack-outputs.ts";

const login = (user: string) => ({ user, password: `password-of-${user}` });
const outputs = {
  name: "orders",
  incarnation: "1a2b3c4d",
  endpoint: { address: "10.90.7.10", readWritePort: 5000, readOnlyPort: 5001 },
  uri: "postgresql://app_1:hidden@10.90.7.10:5000/app",
  members: [
    {
      name: "orders-1",
      address: "10.90.7.11",
      restUrl: "https://10.90.7.11:8008",
      postgresPort: 5432,
      engine: "unix:///var/run/docker.sock",
    },
  ],
  voters: [{ name: "orders-etcd-1", url: "https://10.90.7.31:2379" }],
  proxies: [{ name: "orders-proxy-1", address: "10.90.7.21", engine: "unix:///var/run/docker.sock" }],
  synchronousStandbys: 1,
  recovery: { objective: "normal", sentence: "more than is needed here" },
  archive: {
    bucket: "orders-wal",
    prefix: "spilo/orders/1a2b3c4d/wal/17",
    endpoint: "https://10.90.7.41:9000",
    region: "us-east-1",
    schedule: "0 1 * * *",
    firstBackup: "base_1",
    firstBackupBytes: 1000,
  },
  survives: ["any one member"],
  ca: "PEM",
  credentials: {
    operator: login("operator_1"),
    rest: login("spilo"),
    etcd: login("patroni"),
    access: { ca: "PEM", certificate: "PEM", privateKey: "hidden key" },
    archive: { accessKey: "key", secretKey: "hidden" },
  },
};

let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), "spilo-outputs-"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(bin, { recursive: true, force: true });
});

/** A `pulumi` that is a script of ours. */
async function pulumi(script: string): Promise<void> {
  await writeFile(join(bin, "pulumi"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env["PATH"]}`);
}

describe("the outputs of a stack", () => {
  it("are those that pulumi shows of the stack that is named", async () => {
    await writeFile(join(bin, "answer"), JSON.stringify(outputs));
    await pulumi(`[ "$*" = "stack output --json --show-secrets --non-interactive --stack prod" ] || exit 9
cat ${join(bin, "answer")}`);
    const read = await readStackOutputs({ stack: "prod" });
    expect(read).toMatchObject({ name: "orders", recovery: { objective: "normal" } });
  });

  it("make a handle that knows where everything is", () => {
    const handle = clusterHandle(parseStackOutputs("stack prod", outputs));
    expect(handle).toMatchObject({
      name: "orders",
      dcsPrefix: "/spilo-1a2b3c4d/orders/",
      operator: { user: "operator_1" },
      archive: { bucket: "orders-wal", accessKey: "key", schedule: "0 1 * * *" },
    });
    expect(() => handle.execOn("orders-7")).toThrow(
      "orders-7: no member or proxy of this stack: it has orders-1, orders-proxy-1",
    );
  });

  it("say when maintenance is done and how large volumes are, where the stack knows", () => {
    const maintenance = { start: "23:30", minutes: 60, timeZone: "UTC" };
    const read = (more: object) => clusterHandle(parseStackOutputs("stack prod", { ...outputs, ...more }));
    expect(read({ maintenance, volumeMib: 1024 })).toMatchObject({ maintenance, volumeMib: 1024 });
    expect(read({ volumeMib: null }).volumeMib).toBeUndefined();
    expect(read({}).maintenance).toBeUndefined();
  });

  it("say which zone a member stands in, and whether it may have synchronous commits", () => {
    const zones = ["a", "b"].map((name) => {
      return { name, host: `ssh://db-${name}`, address: "10.1.0.1", available: name === "a", witness: false };
    });
    const placement = { mode: "cross-zone", standing: "zonal", zones, fallbackToSameZone: true };
    const members = outputs.members.map((member) => ({ ...member, zone: "a", synchronous: false }));
    const handle = clusterHandle(parseStackOutputs("stack prod", { ...outputs, members, placement }));
    expect(handle.members).toMatchObject([{ name: "orders-1", zone: "a", synchronous: false }]);
    expect(handle.placement).toEqual(placement);
  });

  it("of an earlier version know no zones, and any member may have synchronous commits", () => {
    const handle = clusterHandle(parseStackOutputs("stack prod", outputs));
    expect(handle.placement).toBeUndefined();
    expect(handle.members).toMatchObject([{ name: "orders-1", synchronous: true }]);
    expect(handle.members[0]?.zone).toBeUndefined();
  });

  it("that lack something are an error that names it, and shows nothing of what is there", async () => {
    const { voters: _, ...old } = outputs;
    await writeFile(join(bin, "answer"), JSON.stringify({ ...old, synchronousStandbys: "one" }));
    await pulumi(`cat ${join(bin, "answer")}`);
    const failure = await readStackOutputs({}).catch((error: unknown) => error);
    expect(String(failure)).toContain("missing or of another form: voters, synchronousStandbys");
    expect(String(failure)).not.toMatch(/hidden|password-of/);
  });

  it("that pulumi does not show are an error with its words, and with what to do", async () => {
    await pulumi('echo "hidden"; echo "error: no stack named \'prod\' found" >&2; exit 255');
    const failure = await readStackOutputs({ stack: "prod" }).catch((error: unknown) => error);
    expect(String(failure)).toMatch(
      /stack prod: pulumi cannot read its outputs\nno stack named 'prod' found\nGo to the folder/,
    );
    expect(String(failure)).not.toContain("hidden");
  });

  it("cannot be read without pulumi", async () => {
    vi.stubEnv("PATH", bin);
    await expect(readStackOutputs({})).rejects.toThrow(
      /the selected stack: pulumi is not on PATH[\s\S]*Install the Pulumi CLI/,
    );
  });
});
