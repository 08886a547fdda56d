import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { peerCertificate } from "../../actions/certificates/peer-certificate.ts";
import { isTaken } from "../../actions/certificates/taken-certificate.ts";
import { askEngine } from "../../actions/engine/ask-engine.ts";
import { etcdClient } from "../../actions/etcd/etcd-client.ts";
import { patroniClient } from "../../actions/patroni/patroni-client.ts";
import { connectSql } from "../../actions/sql/sql-client.ts";
import { waitFor } from "../../actions/wait.ts";
import { openWay } from "../../actions/way/open-way.ts";
import { insistOnReach } from "../../actions/way/reached.ts";
import { engineBy } from "../../cluster/placement/engine-address.ts";
import { Behind, type Inside, machine } from "./behind.ts";

let behind: Behind;
let inside: Inside;

beforeAll(async () => {
  behind = await Behind.make();
  if (behind.inside === undefined) throw new Error("nobody is in there");
  inside = behind.inside;
  await behind.openDoor();
});

afterAll(() => behind?.dispose());

const direct = () => ({ access: inside.access });
const by = (way: string) => ({ access: { ...inside.access, way } });
const login = { host: "127.0.0.1", user: "operator_1", password: "secret-word", database: "postgres" };

/** Every kind of question that actions ask, each with its answer. */
async function askAll({ access }: ReturnType<typeof by>) {
  const patroni = patroniClient({ access });
  const [one] = inside.members;
  const { members } = await patroni.cluster(one?.restUrl ?? "");
  const { value } = await etcdClient({ endpoints: [inside.etcd], access }).get("/greeting");
  const client = await connectSql({ ...login, port: inside.postgres, access }, "a test");
  await client.end();
  const place = { host: "127.0.0.1", port: inside.postgres, protocol: "postgres", way: access.way } as const;
  const shown = await peerCertificate(place);
  const taken = await isTaken(place, access);
  const engine = engineBy(access.way, `ssh://root@${machine}`);
  const { Version } = await askEngine({ engine, deadlineMs: 20_000 }, (client) => client.version());
  return { members: members.length, value, shown: shown?.subject, taken, engine: Version };
}

const answered = { members: 3, value: '"hello"', shown: "CN=fake", taken: true, engine: expect.any(String) };

async function failureOf(work: Promise<unknown>): Promise<ActionError> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof ActionError) return failure;
  throw new Error(`it ended with ${failure}`);
}

describe("a cluster whose network nobody is let into", () => {
  it("is not reached directly", async () => {
    const [one] = inside.members;
    const patroni = patroniClient({ ...direct(), timeoutMs: 2000 });
    expect((await failureOf(patroni.cluster(one?.restUrl ?? ""))).code).toBe("unreachable");
    const sql = connectSql({ ...login, port: inside.postgres, ...direct() }, "a test");
    expect((await failureOf(sql)).code).toBe("unreachable");
  });

  it("is reached by a bastion: REST, etcd, SQL, certificates and engines, all by one login", async () => {
    expect(await askAll(by(behind.way))).toEqual(answered);
    const begun = performance.now();
    await Promise.all(Array.from({ length: 5 }, () => askAll(by(behind.way))));
    console.log(
      `25 questions of five kinds through the bastion: ${Math.round(performance.now() - begun)} ms`,
    );
    expect(behind.visits).toBe(1);
  });

  it("is made sure of by whatever sshd says first, and of nobody else", async () => {
    const way = behind.way;
    await insistOnReach({ way, addresses: ["10.99.7.99", machine] });
    const nobody = await failureOf(insistOnReach({ way, addresses: ["127.0.0.1", "127.0.0.2"] }));
    expect(nobody).toMatchObject({ code: "unreachable" });
    expect(nobody.message).toMatch(
      /^none of them answers: 127\.0\.0\.1:22: .*Connection refused; 127\.0\.0\.2:22: /,
    );
    const begun = performance.now();
    expect((await failureOf(insistOnReach({ addresses: [machine] }))).message).toContain(`${machine}:22: `);
    expect(performance.now() - begun).toBeLessThan(7_000);
  });

  it("says what the other end of the way says", async () => {
    const refused = failureOf(connectSql({ ...login, port: 1, ...by(behind.way) }, "a test"));
    expect(await refused).toMatchObject({ code: "unreachable" });
    expect((await refused).message).toContain("through aws.reach to 127.0.0.1:1: Connection refused");
  });

  it("is verified as it is without one", async () => {
    const failure = failureOf(connectSql({ ...login, port: inside.strange, ...by(behind.way) }, "a test"));
    expect(await failure).toMatchObject({ code: "refused" });
    expect((await failure).message).toContain("is not signed by the CA that is trusted here");
    const renamed = connectSql(
      { ...login, host: "localhost", port: inside.postgres, ...by(behind.way) },
      "a test",
    );
    expect((await failureOf(renamed)).message).toContain("is not for localhost");
  });

  it("is reached again when the way has broken", async () => {
    const port = behind.port;
    await behind.shutDoor();
    await behind.openDoor(port);
    await waitFor({ what: "the former way is seen to have ended", deadlineMs: 10_000 }, async () => {
      expect(await askAll(by(behind.way))).toEqual(answered);
      return { found: true };
    });
  });
});

describe("a bastion that cannot be had", () => {
  it("is an error that says what was tried and what to do", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const address = closed.address();
    const port = typeof address === "object" ? address?.port : 0;
    await new Promise((resolve) => closed.close(resolve));
    const begun = performance.now();
    const [one] = inside.members;
    const question = patroniClient(by(`ssh://ops@127.0.0.1:${port}`)).cluster(one?.restUrl ?? "");
    expect(await failureOf(question)).toMatchObject({
      code: "unreachable",
      message:
        `aws.reach: the bastion ops@127.0.0.1:${port} cannot be had: 127.0.0.1: ` +
        `ssh: connect to host 127.0.0.1 port ${port}: Connection refused: see that \`ssh -p ${port} ops@127.0.0.1\` ` +
        "logs in from here without a question, its host key known and a key in the agent",
    });
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it("is given up when it says nothing", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const begun = performance.now();
    const failure = await failureOf(openWay(`ssh://ops@127.0.0.1:${port}`));
    expect(failure.message).toMatch(/Connection timed out|Connection to 127.0.0.1 port \d+ timed out/);
    expect(performance.now() - begun).toBeLessThan(22_000);
    silent.close();
  });

  it("is not believed by a key that is not known", async () => {
    const another = `ssh://root@localhost:${behind.port}`;
    expect((await failureOf(openWay(another))).message).toContain("Host key verification failed");
  });
});

describe("sessions of Systems Manager", () => {
  const voters = [
    ["i-0000000000000001a", "orders-1-a"],
    ["i-0000000000000002b", "orders-etcd-1-a"],
    ["i-0000000000000003c", "orders-etcd-2-b"],
  ] as const;
  let incarnation = 0x1a2b3c40;
  let way: string;

  // A way is remembered by its text.
  afterEach(() => {
    incarnation += 1;
  });
  const next = () => {
    way = `ssm://root@eu-central-1/orders/${incarnation.toString(16)}`;
    return way;
  };

  it("lead to a voter, and from there to everything", async () => {
    await behind.installAws(voters);
    expect(await askAll(by(next()))).toEqual(answered);
    expect(await behind.asked()).toEqual([
      "ec2 describe-instances --region eu-central-1 --output json --filters " +
        `Name=tag:pulumi-spilo.cluster,Values=orders Name=tag:pulumi-spilo.incarnation,Values=${incarnation.toString(16)} ` +
        "Name=instance-state-name,Values=running " +
        "--query Reservations[].Instances[].[InstanceId, Tags[?Key=='Name'] | [0].Value]",
      "ssm start-session --target i-0000000000000002b --document-name AWS-StartSSHSession " +
        "--parameters portNumber=22 --region eu-central-1",
    ]);
  });

  it("lead to the next one when there is none with the first", async () => {
    await behind.installAws(voters, ["i-0000000000000002b"]);
    expect(await askAll(by(next()))).toEqual(answered);
    expect((await behind.asked()).map((line) => line.split(" ")[3])).toEqual([
      "eu-central-1",
      "i-0000000000000002b",
      "i-0000000000000003c",
    ]);
  });

  it("lead to the machine that is named", async () => {
    await behind.installAws([]);
    expect(await askAll(by("ssm://root@eu-central-1/i-0a1b2c3d"))).toEqual(answered);
    expect(await behind.asked()).toHaveLength(1);
  });

  it("that cannot be had are an error with what was tried", async () => {
    await behind.installAws(voters, ["i-0000000000000002b", "i-0000000000000003c"]);
    expect((await failureOf(openWay(next()))).message).toMatch(
      /^aws\.reach: a session of Systems Manager in eu-central-1 cannot be had: orders-etcd-1-a \(i-0000000000000002b\): .+; orders-etcd-2-b \(i-0000000000000003c\): .+: see that `aws ssm start-session`/,
    );
    incarnation += 1;
    await behind.installAws([]);
    expect((await failureOf(openWay(next()))).message).toContain("no machine of orders");
  });
});

describe("a process that has opened a way", () => {
  const program = join(import.meta.dirname, "way-process.ts");
  const start = async (then: string) => {
    const child = spawn(process.execPath, ["--import", "tsx", program, behind.way, then]);
    await once(child.stdout, "data");
    return child;
  };

  it.each(["ends", "is killed"])("leaves nothing behind when it %s", async (how) => {
    const before = await connections();
    const child = await start(how === "ends" ? "end" : "stay");
    if (how === "is killed") {
      expect(await connections()).toBe(before + 1);
      child.kill("SIGKILL");
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    await waitFor({ what: "its ssh has ended", deadlineMs: 5_000, everyMs: 50 }, async () => {
      const now = await connections();
      return now === before ? { found: true } : { pending: `${now - before} are left` };
    });
    expect(await connections()).toBe(before);
  });

  /** How many processes ssh keep a connection to the bastion. */
  async function connections(): Promise<number> {
    const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
    return lines.filter((line) => line.startsWith("/usr/bin/ssh\0") && line.includes(`\0${behind.port}\0`))
      .length;
  }
});
