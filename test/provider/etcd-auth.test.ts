import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EtcdAuthOptions, ensureEtcdAuth, removeOtherEtcdUsers } from "../../actions/etcd/etcd-auth.ts";
import { etcdClient } from "../../actions/etcd/etcd-client.ts";
import { etcdAccess } from "../../provider/kinds/etcd-access.ts";
import { FakeEtcd } from "./fake-etcd.ts";
import { hastyClock } from "./hasty-clock.ts";
import { access } from "./test-access.ts";

let etcd: FakeEtcd;

beforeEach(async () => {
  etcd = await new FakeEtcd().start();
});

afterEach(() => etcd.stop());

function ensure(changed: Partial<EtcdAuthOptions> = {}): Promise<void> {
  return ensureEtcdAuth({
    endpoints: [etcd.url],
    access,
    rootPassword: "root-secret",
    user: "patroni_1",
    password: "user-secret",
    prefix: "/spilo-1a2b3c4d/",
    deadlineMs: 3000,
    clock: hastyClock(),
    ...changed,
  });
}

function clientOf(user: string, password: string) {
  return etcdClient({ endpoints: [etcd.url], access, login: { user, password } });
}

function state() {
  const users = Object.fromEntries(etcd.auth.users);
  return { enabled: etcd.auth.enabled, users, roles: Object.fromEntries(etcd.auth.roles) };
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const wanted = {
  enabled: true,
  users: {
    root: { password: "root-secret", roles: ["root"] },
    patroni_1: { password: "user-secret", roles: ["patroni"] },
  },
  roles: {
    patroni: [
      { permType: "READWRITE", key: base64("/spilo-1a2b3c4d/"), range_end: base64("/spilo-1a2b3c4d0") },
    ],
  },
};

describe("etcd's users and passwords", () => {
  it("are made, and authentication is switched on last", async () => {
    await ensure();
    expect(state()).toEqual(wanted);
    expect(etcd.asked.at(-1)).toBe("auth/enable");
  });

  it("are left alone when they are there", async () => {
    await ensure();
    const { changes } = etcd.auth;
    await ensure();
    expect(etcd.auth.changes).toBe(changes);
    expect(state()).toEqual(wanted);
  });

  it("are the same after a failure at any step", async () => {
    await ensure();
    const steps = etcd.asked.length;
    for (let step = 1; step <= steps; step += 1) {
      await etcd.stop();
      etcd = await new FakeEtcd().start();
      etcd.loseAnswer = step;
      await ensure();
      expect(state(), `the answer to question ${step} was lost`).toEqual(wanted);
    }
  });

  it("follow a changed password of the user's", async () => {
    await ensure();
    await ensure({ password: "another" });
    await expect(clientOf("patroni_1", "another").get("/spilo-1a2b3c4d/config")).resolves.toMatchObject({
      revision: 0,
    });
    await expect(clientOf("patroni_1", "user-secret").get("/spilo-1a2b3c4d/config")).rejects.toThrow(
      /^etcd: login of patroni_1: it takes another password than this stack's/,
    );
  });

  it("follow a changed password of root's, with the one before", async () => {
    await ensure();
    await ensure({ rootPassword: "newer", previousRootPassword: "root-secret" });
    expect(etcd.auth.users.get("root")?.password).toBe("newer");
    await ensure({ rootPassword: "newer", previousRootPassword: "root-secret" });
  });

  it("are an error at once when root's password is not known, which names none", async () => {
    await ensure();
    const failure = await ensure({ rootPassword: "x-wrong", previousRootPassword: "y-wrong" }).catch(String);
    expect(failure).toMatch(/takes neither this stack's password of root nor the one before/);
    expect(failure).not.toMatch(/x-wrong|y-wrong|user-secret/);
  });

  it("of two generations are there at once, until those of the former are removed", async () => {
    await ensure();
    await ensure({
      user: "patroni_2",
      password: "newer",
      rootPassword: "r-2",
      previousRootPassword: "root-secret",
    });
    for (const [user, password] of [
      ["patroni_1", "user-secret"],
      ["patroni_2", "newer"],
    ] as const) {
      expect(await clientOf(user, password).putIfUnchanged(`/spilo-1a2b3c4d/${user}`, "{}", 0), user).toBe(
        true,
      );
    }
    etcd.auth.users.set("somebody", { password: "else", roles: [] });
    const left = { endpoints: [etcd.url], access, rootPassword: "r-2", user: "patroni_2", deadlineMs: 3000 };
    await removeOtherEtcdUsers(left);
    const { changes } = etcd.auth;
    await removeOtherEtcdUsers(left);
    expect([...etcd.auth.users.keys()]).toEqual(["root", "patroni_2", "somebody"]);
    expect(etcd.auth.changes).toBe(changes);
    await expect(clientOf("patroni_1", "user-secret").get("/spilo-1a2b3c4d/a")).rejects.toThrow(
      /another password/,
    );
  });

  it("wait for a quorum", async () => {
    etcd.refuse = 3;
    await ensure();
    expect(state()).toEqual(wanted);
  });
});

describe("a client with a login", () => {
  it("reads and writes below the prefix and nowhere else", async () => {
    await ensure();
    const client = clientOf("patroni_1", "user-secret");
    expect(await client.putIfUnchanged("/spilo-1a2b3c4d/config", "{}", 0)).toBe(true);
    await expect(client.get("/spilo-1a2b3c4e/config")).rejects.toThrow("etcd: kv/range: permission denied");
  });

  it("logs in once, and again when its token has expired", async () => {
    await ensure();
    const client = clientOf("patroni_1", "user-secret");
    etcd.asked.length = 0;
    await client.get("/spilo-1a2b3c4d/a");
    await client.get("/spilo-1a2b3c4d/b");
    etcd.auth.forgetTokens();
    await client.get("/spilo-1a2b3c4d/c");
    expect(etcd.asked).toEqual([
      ...["auth/authenticate", "kv/range", "kv/range"],
      ...["kv/range", "auth/authenticate", "kv/range"],
    ]);
  });

  it("says what to do where authentication is off", async () => {
    await expect(clientOf("patroni_1", "user-secret").get("/a")).rejects.toThrow(
      "etcd: login of patroni_1: its authentication is off: run `pulumi up --refresh`, which turns it on",
    );
  });
});

describe("EtcdAccess, when the state is refreshed", () => {
  const context = { signal: new AbortController().signal, report: () => undefined };
  const inputs = () => ({
    endpoints: [etcd.url],
    access,
    rootPassword: "root-secret",
    user: "patroni_1",
    password: "user-secret",
    prefix: "/spilo-1a2b3c4d/",
  });

  it("stands as declared when the password is taken, and when nobody can be asked", async () => {
    await etcdAccess.create(inputs(), context);
    expect(await etcdAccess.read?.(inputs(), context)).toEqual({});
    expect(await etcdAccess.read?.({ ...inputs(), endpoints: ["https://127.0.0.1:9"] }, context)).toEqual({});
  });

  it("is an update when authentication was switched off, or the password changed", async () => {
    expect(await etcdAccess.read?.(inputs(), context)).toEqual({ password: "" });
    await etcdAccess.update?.({ ...inputs(), password: "" }, inputs(), context);
    expect(state()).toEqual(wanted);
  });
});
