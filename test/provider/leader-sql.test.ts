import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { ContainerExec, ExecResult } from "../../actions/engine/container-exec.ts";
import { ensureRoles } from "../../actions/logins/roles.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { leaderSql } from "../../actions/sql/leader-sql.ts";
import { scramVerifier } from "../../cluster/rotation/scram.ts";
import { FakeCluster } from "./fake-cluster.ts";
import { hastyClock } from "./hasty-clock.ts";
import { access } from "./test-access.ts";

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = await new FakeCluster().start();
});

afterEach(() => cluster.stop());

const done: ExecResult = { exitCode: 0, output: "", errors: "" };

interface Ran {
  readonly container: string;
  readonly command: string;
  readonly user: string;
  readonly input: string;
}

/** psql in containers: gives what it is told, one after the other; the last one stays. */
function psql(...results: readonly (ExecResult | ActionError)[]) {
  const ran: Ran[] = [];
  const left = [...results];
  const exec: ContainerExec = async (container, command, { user, input = "" }) => {
    ran.push({ container, command: command.join(" "), user, input });
    const result = (left.length > 1 ? left.shift() : left[0]) ?? done;
    if (result instanceof ActionError) throw result;
    return result;
  };
  const options = {
    members: cluster.addresses,
    patroni: patroniClient({ access }),
    execOn: () => exec,
    deadlineMs: 5000,
    clock: hastyClock(),
  };
  return { ran, options, sql: leaderSql({ ...options, what: "the work" }) };
}

function refusal(state: string, text: string): ExecResult {
  const errors = `ERROR:  ${state}: ${text}\nLINE 1: alter role x password 'SCRAM-SHA-256$4096:c2FsdA==$...'\n`;
  return { exitCode: 3, output: "", errors };
}

describe("SQL on the leader", () => {
  it("is run as superuser by psql in its container, with the script on no command line", async () => {
    cluster.leader = "m-2";
    const { ran, sql } = psql({ ...done, output: "a|b\n" });
    expect(await sql("orders", "select 'hidden';")).toBe("a|b\n");
    expect(ran).toHaveLength(1);
    expect(ran[0]).toMatchObject({ container: "m-2", user: "postgres" });
    expect(ran[0]?.command).toBe("psql -X -q -A -t -w -v ON_ERROR_STOP=1 -d orders");
    expect(ran[0]?.input).toMatch(/set log_statement = 'none';.*select 'hidden';/s);
  });

  it.each([
    ["is read-only, as it leads no more", refusal("25006", "cannot execute CREATE ROLE")],
    ["shuts down", { exitCode: 2, output: "", errors: "psql: error: connection to server on socket failed" }],
    ["has a template that is being copied", refusal("55006", "source database is being accessed")],
    ["has just been changed by another", refusal("XX000", "tuple concurrently updated")],
    ["is in a container that starts", new ActionError("unreachable", "m-1: psql: container is restarting")],
  ])("is tried again when the server %s", async (_what, result) => {
    const { ran, sql } = psql(result, { ...done, output: "1\n" });
    expect(await sql("postgres", "select 1;")).toBe("1\n");
    expect(ran).toHaveLength(2);
  });

  it("waits for somebody to lead, and says at the deadline who does not", async () => {
    cluster.leader = "nobody";
    await expect(psql(done).sql("postgres", "select 1;")).rejects.toThrow(
      /^the work: not within 5 s: no member leads: m-1 streaming; m-2 streaming; m-3 streaming\. docker logs/,
    );
  });

  it("fails at once with the server's words, and nothing of the script", async () => {
    const { ran, sql } = psql(
      refusal("42601", "syntax error at or near \"'SCRAM-SHA-256$4096:c2FsdA==$x:y'\""),
    );
    const failure = await sql("postgres", "alter role x password 'hidden'").catch(String);
    expect(failure).toBe("ActionError: m-1: ERROR:  42601: syntax error at or near \"'SCRAM-SHA-256$…'\"");
    expect(ran).toHaveLength(1);
  });
});

describe("roles", () => {
  const wanted = {
    application: { database: "app", role: "app" },
    names: { application: "app_1", operator: "operator_1", standby: "standby_1", rewind: "rewind_1" },
    logins: { application: "app-secret", operator: "operator-secret" },
  };

  async function scriptsWith(held: string): Promise<readonly Ran[]> {
    const { ran, options } = psql({ ...done, output: held }, done);
    await ensureRoles({ ...options, ...wanted });
    return ran;
  }

  it("get verifiers, never passwords", async () => {
    const ran = await scriptsWith("");
    const all = ran.map(({ command, input }) => `${command}\n${input}`).join("\n");
    expect(all).not.toMatch(/app-secret|operator-secret/);
    expect(all).toMatch(/alter role "app_1" password 'SCRAM-SHA-256\$4096:/);
    expect(all).toMatch(/alter role "operator_1" password 'SCRAM-SHA-256\$4096:/);
  });

  it("keep the verifier of a password that is the same, whatever its salt and its iterations are", async () => {
    const salt = Buffer.from("0123456789abcdef");
    const app = scramVerifier("app-secret", salt, 10_000);
    const operator = scramVerifier("an older one", salt);
    const ran = await scriptsWith(`app_1|${app}\noperator_1|${operator}\n`);
    const all = ran.map(({ input }) => input).join("\n");
    expect(all).not.toContain('alter role "app_1" password');
    expect(all).toContain('alter role "operator_1" password');
  });
});
