import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { formerNames, type Renamed } from "../../components/renamed.ts";
import { Password } from "../../components/resources/password.ts";
import { root } from "../../toolchain/paths.ts";
import { preparePulumi } from "../../toolchain/prepare.ts";

/** A stack of one password in a component, whose names a later version has otherwise. */
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  ({ env } = await preparePulumi());
  folder = await mkdtemp(join(tmpdir(), "spilo-renamed-"));
  await mkdir(join(folder, "state"));
  const providers = [{ name: "spilo", path: join(root, "provider") }];
  await writeFile(
    join(folder, "Pulumi.yaml"),
    stringify({ name: "renamed", runtime: "nodejs", plugins: { providers } }),
  );
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it("keeps a resource by what stands in the table, and makes another one without it", {
  timeout: 240_000,
}, async () => {
  const first = await passwordOf({ component: "my:index:Old", password: "orders-secret" }, []);
  const table: readonly Renamed[] = [
    { type: "my:index:New", formerType: "my:index:Old" },
    {
      type: "spilo:index:Password",
      formerName: (name) => (name.startsWith("orders-password") ? "orders-secret" : undefined),
    },
  ];
  const now = { component: "my:index:New", password: "orders-password-app" };
  expect(await passwordOf(now, table)).toBe(first);
  expect(await passwordOf({ ...now, password: "carts-password-app" }, table)).not.toBe(first);
});

/** Brings the stack up. */
async function passwordOf(
  names: { readonly component: string; readonly password: string },
  table: readonly Renamed[],
): Promise<unknown> {
  const keepRenamed: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
    return { props, opts: pulumi.mergeOptions(opts, { aliases: [...formerNames(type, name, table)] }) };
  };
  const program = async () => {
    const opts = { transformations: [keepRenamed] };
    const parent = new pulumi.ComponentResource(names.component, "orders", {}, opts);
    return { value: new Password(names.password, { purpose: "app" }, { parent }).value };
  };
  const stack = await pulumi.automation.LocalWorkspace.createOrSelectStack(
    { stackName: "renamed", projectName: "renamed", program },
    {
      workDir: folder,
      envVars: {
        ...env,
        PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "renamed",
      },
    },
  );
  return (await stack.up()).outputs["value"]?.value;
}
