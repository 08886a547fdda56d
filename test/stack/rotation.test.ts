import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { planCluster } from "../../cluster/index.ts";
import { makeRoles } from "../../components/leader-work.ts";
import { makeLoginsClosed, makeLoginsOpened, makePoolerLogin } from "../../components/logins.ts";
import { makeSecrets } from "../../components/secrets.ts";
import { specification } from "../unit/specifications.ts";
import { differing, known, record } from "./recorder.ts";

type Inputs = Readonly<Record<string, unknown>>;

const secretMark = "4dabf18193072939515e22adb298388d";

/** What a rotation makes of a cluster: the inputs of each resource, by logical name. */
async function rotated(rotation: object, endpoint: object = {}): Promise<ReadonlyMap<string, Inputs>> {
  const registered = new Map<string, Inputs>();
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      registered.set(name, inputs);
      const passwords = {
        value: pulumi.secret(`value-of-${name}`),
        former: pulumi.secret(`former-of-${name}`),
      };
      const made = type === "spilo:index:Password" ? passwords : {};
      return { id: `${name}-id`, state: { ...inputs, ...made } };
    },
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(mocks, "pulumi-spilo", "dev", false);
  const plan = planCluster(specification({ rotation, endpoint }));
  const within = { parent: new pulumi.ComponentResource("test:index:Base", "base") };
  const secrets = makeSecrets(plan, undefined, within);
  const access = pulumi.output({ ca: "ca", certificate: "certificate", privateKey: "key" });
  const platform = { engineOf: () => "unix:///engine" };
  const base = { plan, platform, secrets, identities: { access }, within };
  const opened = makeLoginsOpened(base, []);
  const roles = makeRoles(base, [opened]);
  if (secrets.pooler !== undefined) makePoolerLogin(base, { password: secrets.pooler }, [roles]);
  makeLoginsClosed(base, [roles]);
  await pulumi.runtime.disconnect();
  return registered;
}

/** Inputs without the marks of secrets. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (secretMark in value && "value" in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function generationsIn(registered: ReadonlyMap<string, Inputs>): Record<string, unknown> {
  const passwords = [...registered].filter(([name]) => name.startsWith("dev-password-"));
  return Object.fromEntries(
    passwords.map(([name, inputs]) => [name.replace("dev-password-", ""), inputs["generation"]]),
  );
}

it("a rotation makes all passwords anew but the proxies' own, and the application's only when that is asked for", async () => {
  const own = ["superuser", "standby", "rewind", "operator", "rest", "etcd-root", "etcd"];
  const all = (generation: number) => Object.fromEntries(own.map((purpose) => [purpose, generation]));
  expect(generationsIn(await rotated({ passwords: 2 }))).toEqual({ ...all(2), application: 1, vrrp: 1 });
  expect(generationsIn(await rotated({ application: 5 }))).toEqual({ ...all(1), application: 5, vrrp: 1 });
});

it("the logins of the generation are let in, with the pooler's where there is a pool", async () => {
  const registered = await rotated({ passwords: 2 }, { pooled: true });
  expect(plain(registered.get("dev-logins-opened"))).toMatchObject({
    generations: { passwords: 2, application: 1 },
    logins: [
      { user: "standby_2", password: "value-of-dev-password-standby" },
      { user: "rewind_2", password: "value-of-dev-password-rewind" },
      { user: "operator_2", password: "value-of-dev-password-operator" },
      { user: "app_1", password: "value-of-dev-password-application" },
      { user: "pooler_2", password: "value-of-dev-password-pooler" },
    ],
    superuserPassword: "value-of-dev-password-superuser",
  });
  expect(plain(registered.get("dev-pooler-login"))).toMatchObject({ user: "pooler_2" });
  expect(plain(registered.get("dev-roles"))).toMatchObject({ names: { operator: "operator_2" } });
});

it("what is closed is none of what is let in, and no password is an open input", async () => {
  const registered = await rotated({ passwords: 3, application: 2, formerApplication: "closed" });
  expect(plain(registered.get("dev-logins-closed"))).toMatchObject({
    closed: ["standby_2", "rewind_2", "operator_2", "pooler_2", "app_1"],
    etcdUser: "patroni_1",
    etcdRootPassword: "value-of-dev-password-etcd-root",
  });
  const open = [...registered.values()].flatMap(openTexts);
  expect(open.filter((text) => /-of-dev-password/.test(text))).toEqual([]);
});

it("a rotation of passwords replaces members, and proxies only where there is a pool", async () => {
  const containersOf = async (args: object) => {
    const [old, now] = [
      await record({ name: "dev", ...args }),
      await record({ name: "dev", ...args, rotation: { passwords: 2 } }),
    ];
    return differing(old.resources, now.resources).filter((one) => one.startsWith("docker:index/container"));
  };
  const containers = (...names: string[]) =>
    names.map((name) => `docker:index/container:Container dev-${name}`);
  expect(await containersOf({})).toEqual(containers("1", "2", "3"));
  expect(await containersOf({ endpoint: { pooled: true } })).toEqual(
    containers("1", "2", "3", "proxy-1", "proxy-2"),
  );
});

it("a rotation of the application's login replaces nothing, and the outputs have the new one", async () => {
  const [old, now] = [
    await record({ name: "dev" }),
    await record({ name: "dev", rotation: { application: 2 } }),
  ];
  expect(differing(old.resources, now.resources)).toEqual([
    "spilo:index:LoginsOpened dev-logins-opened",
    "spilo:index:Password dev-password-application",
    "spilo:index:Roles dev-roles",
  ]);
  expect(await known(now.cluster.uri)).toContain("postgresql://app_2:");
});

it("closing the application's former login changes that alone", async () => {
  const rotation = { application: 2 };
  const [old, now] = [
    await record({ name: "dev", rotation }),
    await record({ name: "dev", rotation: { ...rotation, formerApplication: "closed" } }),
  ];
  expect(differing(old.resources, now.resources)).toEqual(["spilo:index:LoginsClosed dev-logins-closed"]);
});

/** Every text that is not below a mark of a secret. */
function openTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || secretMark in value) return [];
  return Object.values(value).flatMap(openTexts);
}
