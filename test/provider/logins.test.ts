import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { ContainerExec } from "../../actions/engine/container-exec.ts";
import { type CloseLoginsOptions, closeLogins } from "../../actions/logins/close-logins.ts";
import { mayRotate } from "../../actions/logins/may-rotate.ts";
import { openLogins } from "../../actions/logins/open-logins.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { scramVerifier } from "../../cluster/rotation/scram.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { hastyClock } from "./hasty-clock.ts";
import { access } from "./test-access.ts";

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await new FakeCluster().start();
});

afterEach(() => cluster.stop());

interface Ran {
  readonly container: string;
  readonly input: string;
}

/** What a server says to a script; undefined: nothing. */
type Answer = (ran: Ran) => string | ActionError | undefined;

/** psql in the members' containers. */
function psql(answer: Answer = () => undefined) {
  const ran: Ran[] = [];
  const exec: ContainerExec = async (container, _command, { input = "" }) => {
    ran.push({ container, input });
    const said = answer({ container, input });
    if (said instanceof ActionError) throw said;
    return { exitCode: 0, output: said ?? "", errors: "" };
  };
  return { ran, execOn: () => exec, all: () => ran.map(({ input }) => input).join("\n") };
}

function where({ execOn }: ReturnType<typeof psql>) {
  const limits = { deadlineMs: 5000, clock: hastyClock() };
  return { members: cluster.addresses, patroni: patroniClient({ access }), execOn, ...limits };
}

describe("opening logins", () => {
  const logins = [
    { user: "standby_2", password: "standby-secret" },
    { user: "app_2", password: "app-secret" },
  ];
  const open = (server: ReturnType<typeof psql>) =>
    openLogins({ ...where(server), logins, superuserPassword: "superuser-secret" });

  it("tells the leader verifiers, and lets nobody in before there is one", async () => {
    const server = psql();
    await open(server);
    expect(new Set(server.ran.map(({ container }) => container))).toEqual(new Set(["m-1"]));
    expect(server.all()).not.toMatch(/-secret/);
    expect(server.all()).toMatch(/alter role "postgres" password 'SCRAM/);
    for (const role of ["standby_2", "app_2"]) {
      const [password, login] = [`alter role "${role}" password 'SCRAM`, `alter role "${role}" login`];
      expect(server.all().indexOf(password)).toBeGreaterThan(0);
      expect(server.all().indexOf(login)).toBeGreaterThan(server.all().indexOf(password));
    }
    expect(server.all()).toContain('create role "standby_2" nologin replication');
    expect(server.all()).toContain('create role "app_2" nologin');
  });

  it("leaves the verifiers of the same passwords alone, as when it was done before", async () => {
    const held = [...logins, { user: "postgres", password: "superuser-secret" }]
      .map(({ user, password }) => `${user}|${scramVerifier(password)}\n`)
      .join("");
    const server = psql(({ input }) => (input.includes("select rolname, rolpassword") ? held : undefined));
    await open(server);
    expect(server.all()).not.toMatch(/password 'SCRAM/);
  });

  it("ends when every standby that streams has them", async () => {
    const behind = ["m-2\nm-3\n", "m-3\n", ""];
    const server = psql(({ input }) => {
      if (input.includes("pg_current_wal_flush_lsn")) return "0/3000148\n";
      return input.includes("flush_lsn < '0/3000148'") ? behind.shift() : undefined;
    });
    await open(server);
    expect(behind).toEqual([]);
  });

  it("says which standby does not follow", async () => {
    const server = psql(({ input }) => (input.includes("pg_stat_replication") ? "m-3\n" : undefined));
    await expect(open(server)).rejects.toThrow(
      /^every standby has the new logins: not within 5 s: m-3 still behind\. Nobody has moved to them yet/,
    );
  });
});

describe("closing logins", () => {
  const close = (server: ReturnType<typeof psql>, more: Partial<CloseLoginsOptions> = {}) =>
    closeLogins({ ...where(server), closed: ["standby_1", "app_1"], ...more });

  it("takes their passwords at the leader, and ends sessions on every member", async () => {
    const server = psql();
    const steps: string[] = [];
    await close(server, { meanwhile: async () => void steps.push(`after ${server.ran.length} scripts`) });
    expect(steps).toEqual(["after 1 scripts"]);
    const closing = server.ran.filter(({ input }) => input.includes("nologin password null"));
    expect(closing.map(({ container }) => container)).toEqual(["m-1"]);
    for (const role of ["standby_1", "app_1"]) {
      expect(closing[0]?.input).toContain(`alter role "${role}" nologin password null`);
    }
    const ending = server.ran.filter(({ input }) => input.includes("pg_terminate_backend"));
    expect(ending.map(({ container }) => container).sort()).toEqual(["m-1", "m-2", "m-3"]);
  });

  it("looks again until nobody is left, and a standby has closed them as well", async () => {
    const left = ["app_1 has process 77\n", "app_1 can log in\n", ""];
    const server = psql(({ container, input }) =>
      container === "m-2" && input.includes("pg_terminate_backend") ? left.shift() : undefined,
    );
    await close(server);
    expect(left).toEqual([]);
  });

  it("closes nothing while a standby streams by one of them, and names it", async () => {
    const server = psql(({ input }) =>
      input.includes("pg_stat_replication") ? "m-2 streams by standby_1\n" : undefined,
    );
    const meanwhile = () => Promise.reject(new Error("too early"));
    await expect(close(server, { meanwhile })).rejects.toThrow(
      /^every standby streams by its new login: not within 5 s: m-2 streams by standby_1\. Nothing was closed\./,
    );
    expect(server.all()).not.toContain("nologin");
  });

  it("does not wait for a member that does not run", async () => {
    const down = new ActionError("unreachable", "m-3: psql: container is not running");
    const server = psql(({ container }) => (container === "m-3" ? down : undefined));
    await expect(close(server)).resolves.toBeUndefined();
  });

  it("asks nobody when there is nothing to close", async () => {
    const server = psql();
    await close(server, { closed: [] });
    expect(server.ran).toEqual([]);
  });
});

describe("a rotation", () => {
  const roles = ["standby_1", "operator_1"];
  const gone = new ActionError("failed", "m-9: psql: (HTTP code 404) no such container");
  const begin = (answers: Readonly<Record<string, string | ActionError>>) => {
    const server = psql(({ container }) => answers[container] ?? gone);
    const members = ["m-1", "m-2", "m-9"];
    const limits = { deadlineMs: 5000, clock: hastyClock() };
    return mayRotate({ ...server, members, roles, remedy: "Do that first", ...limits });
  };

  it("may begin when nobody logs in by the roles that it takes", async () => {
    await expect(begin({ "m-1": "t\n", "m-2": "f\n" })).resolves.toBeUndefined();
  });

  it("may not while the one before is not finished", async () => {
    await expect(begin({ "m-1": "f\noperator_1\nstandby_1\n", "m-2": "t\n" })).rejects.toMatchObject({
      code: "refused",
      message:
        "the rotation before is not finished: operator_1, standby_1 can still log in; nothing was changed. Do that first",
    });
  });

  it("may not while nobody leads", async () => {
    const starts = new ActionError("unreachable", "m-2: psql: container is restarting");
    await expect(begin({ "m-1": "t\n", "m-2": starts })).rejects.toThrow(
      /not within 5 s: m-1 follows; m-2: psql: container is restarting\. Do that first$/,
    );
    await expect(begin({})).rejects.toThrow(/no member runs/);
  });
});
