import { afterEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { inForceReader } from "../../actions/settings/in-force.ts";
import { connectSql, type SqlLogin } from "../../actions/sql/sql-client.ts";
import { FakePostgres, type Greeting } from "./fake-postgres.ts";
import { access, authority, certified, mutual, otherAuthority } from "./test-access.ts";

const servers: FakePostgres[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.stop();
});

async function server(wanted: Parameters<typeof certified>[0] = {}): Promise<FakePostgres> {
  const started = await new FakePostgres(mutual(await certified(wanted))).start();
  servers.push(started);
  return started;
}

function login({ port }: FakePostgres, host = "127.0.0.1"): SqlLogin {
  return { host, port, user: "operator_1", password: "secret-word", database: "postgres", access };
}

async function failureOf(wanted: SqlLogin): Promise<ActionError> {
  const failure = await connectSql(wanted, "a test").catch((error: unknown) => error);
  if (failure instanceof ActionError) return failure;
  throw new Error("it was let in");
}

describe("a connection for SQL", () => {
  it("is made to an address that the server's certificate is for, with a certificate of one's own", async () => {
    const postgres = await server();
    const client = await connectSql(login(postgres), "a test");
    await client.end();
    expect(postgres.logins).toHaveLength(1);
    expect(postgres.logins[0]).toMatchObject({ certified: true });
    expect(postgres.logins[0]?.startup).toMatch(
      /user operator_1 database postgres .*application_name a test/,
    );
  });

  it("is made to a name likewise", async () => {
    const postgres = await server({ names: ["localhost"], addresses: [] });
    await (await connectSql(login(postgres, "localhost"), "a test")).end();
    expect(postgres.logins).toHaveLength(1);
  });

  it.each([
    ["an address", "127.0.0.1", { names: ["localhost"], addresses: ["10.61.3.11"] }],
    ["a name", "localhost", { names: ["dev-2"], addresses: ["127.0.0.1"] }],
  ])("is not made to %s that it is not for, and nothing is said then", async (_what, host, wanted) => {
    const postgres = await server(wanted);
    const { code, message } = await failureOf(login(postgres, host));
    expect(code).toBe("refused");
    expect(message).toContain(`is not for ${host} but for`);
    expect(postgres.logins).toEqual([]);
  });

  it("is not made where the certificate is of another CA, has expired, or is missing", async () => {
    expect((await failureOf(login(await server({ by: otherAuthority })))).message).toMatch(
      /^127\.0\.0\.1:\d+: database postgres as operator_1: the certificate of .* is not signed by the CA/,
    );
    expect((await failureOf(login(await server({ age: 30 })))).message).toMatch(
      / expired on \d{4}-\d\d-\d\d/,
    );
    const plain = await server();
    plain.answer = "N";
    expect(await failureOf(login(plain))).toMatchObject({
      code: "refused",
      message: expect.stringContaining("answers without TLS"),
    });
  });

  it("is made with a password alone by whoever has no certificate", async () => {
    const { cert, key } = mutual(await certified());
    const postgres = await new FakePostgres({ cert, key }).start();
    servers.push(postgres);
    const { host, port, user, password, database } = login(postgres);
    const client = await connectSql(
      { host, port, user, password, database, ca: authority.certificate },
      "a test",
    );
    await client.end();
    expect(postgres.logins).toMatchObject([{ certified: false }]);
  });

  it.each<[string, string, ActionError["code"]]>([
    ["the database system is starting up", "57P03", "unreachable"],
    ["sorry, too many clients already", "53300", "unreachable"],
    ["password authentication failed", "28P01", "failed"],
    ["no pg_hba.conf entry", "28000", "failed"],
    ["no such database", "3D000", "failed"],
  ])("that the server refuses may pass or not: %s", async (message, state, code) => {
    const postgres = await server();
    postgres.greeting = { state, message };
    const failure = await failureOf(login(postgres));
    expect(failure).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(failure.message).not.toContain("secret-word");
  });
});

describe("reading settings", () => {
  async function failureWith(greeting: Greeting): Promise<unknown> {
    const postgres = await server();
    postgres.greeting = greeting;
    const read = inForceReader({ access, user: "operator_1", password: "secret-word" });
    return read({ host: "127.0.0.1", port: postgres.port }, ["work_mem"]).catch((error: unknown) => error);
  }

  it("waits for a server that starts", async () => {
    expect(await failureWith({ state: "57P03", message: "starting up" })).toMatchObject({
      code: "unreachable",
      message: expect.stringMatching(/^pg_settings of 127\.0\.0\.1:\d+: .* starting up$/),
    });
  });

  it("says what to do where the operator is not let in", async () => {
    expect(await failureWith({ state: "28P01", message: "password authentication failed" })).toMatchObject({
      code: "failed",
      message: expect.stringMatching(
        /The role operator_1 is made after the members: .* set the parameters back/,
      ),
    });
  });
});
