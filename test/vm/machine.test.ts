import { stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../../actions/wait.ts";
import { onSession } from "../live/sql.ts";
import { preparedImage } from "./image.ts";
import { type Machine, strayVolume } from "./machine.ts";
import { memberPlace, slowly, untilLeads } from "./member.ts";
import type { PlannedMachine } from "./planned.ts";
import { makeVmWorld, type VmWorld } from "./world.ts";

let world: VmWorld;
let member: PlannedMachine;
let machine: Machine;

/** A processor that is emulated, beside other tests. */
const patience = 600_000;
/** As long as EC2 may take until a volume is there. */
const attachedAfterMs = 60_000;

beforeAll(async () => {
  world = await makeVmWorld({
    zones: "a",
    specification: { members: 1, etcd: { voters: 1 } },
    image: preparedImage,
  });
  const [first] = world.planned.members;
  if (first === undefined) throw new Error("the plan has no member");
  member = first;
  machine = await world.boot(member);
  try {
    await start();
  } catch (error) {
    throw new Error(`its console ended with:\n${(await machine.console()).slice(-3000)}`, { cause: error });
  }
}, 2 * patience);

async function start(): Promise<void> {
  const began = performance.now();
  await untilAwaited();
  await pause(Math.max(0, attachedAfterMs - (performance.now() - began)));
  await machine.attach(member.volume, await world.volumeFile(member));
  await untilLeads(world.planned, [member], patience);
}

afterAll(async () => {
  await world?.dispose();
}, 120_000);

/** What starts a machine's part waits for its volume. */
async function untilAwaited(): Promise<void> {
  const what = "the volume's unit waits for it";
  await waitFor({ what, deadlineMs: patience, everyMs: 1000 }, async () => {
    const isAwaited = /Starting .*pulumi-spilo-volu/.test(await machine.console());
    return isAwaited ? { found: true } : { pending: "it does not" };
  });
}

describe("a machine that starts from the user data of the plan", () => {
  it("has them as AWS would be given them, but for where Secrets Manager and S3 are", async () => {
    const given = await world.run(machine, "sudo cat /var/lib/cloud/instance/user-data.txt");
    const lines = (text: string) => text.trimEnd().split(/\\n|\n/);
    const [planned, found] = [lines(member.userData), lines(given)];
    expect(found).toHaveLength(planned.length);
    expect(planned.filter((line, index) => line !== found[index])).toEqual([
      "SECRETS_URL='https://secretsmanager.eu-central-1.amazonaws.com'",
      "S3_URL='https://s3.eu-central-1.amazonaws.com'",
    ]);
  });

  it("is done with them, without an error", async () => {
    const status = await world.run(machine, "cloud-init status --wait --format json");
    expect(JSON.parse(status)).toMatchObject({ status: "done", errors: [] });
  });

  it("finds its volume by its id, though it comes late and beside an empty one", async () => {
    const columns = "lsblk --json --nodeps --output NAME,SERIAL,FSTYPE,MOUNTPOINTS";
    const { blockdevices } = JSON.parse(await world.run(machine, columns));
    expect(blockdevices).toContainEqual(
      expect.objectContaining({
        serial: member.volume.replace("-", ""),
        ...{ fstype: "ext4", mountpoints: ["/var/lib/pulumi-spilo"] },
      }),
    );
    expect(blockdevices).toContainEqual(
      expect.objectContaining({
        serial: strayVolume.replace("-", ""),
        ...{ fstype: null, mountpoints: [null] },
      }),
    );
    // Not a byte of it was ever written.
    expect((await stat(machine.strayDisk)).blocks).toBe(0);
  });

  it("formats it once, and marks it as used", async () => {
    const mark = `spilo/orders/1a2b3c4d/volumes/${member.volume}`;
    expect([...world.answerer.objects]).toContain(mark);
    const marked = world.answerer.asked.filter((one) => one === `PUT /${world.planned.bucket}/${mark}: 200`);
    expect(marked).toHaveLength(1);
    const owner = await world.run(machine, "sudo cat /var/lib/pulumi-spilo/.pulumi-spilo");
    expect(owner).toBe(`${member.part} of orders, 1a2b3c4d`);
  });

  it("is told nothing without a token, and asks nothing that it may not know", () => {
    const refused = world.answerer.asked.filter((one) => /: (400|401|403)$/.test(one));
    expect(refused).toEqual([]);
    expect(world.answerer.asked).toContain("PUT /latest/api/token: 200");
    expect(world.answerer.asked.filter((one) => one === "POST /: 200").length).toBeGreaterThanOrEqual(2);
  });

  it("serves: actions reach its engine, and clients its database", { timeout: patience }, async () => {
    await world.planned.carryOut("spilo:index:Roles", slowly);
    const { user, password, database } = world.planned.credentials.application;
    const place = { ...memberPlace(world.planned, member), user, password, database };
    const answer = await onSession({ ...place, query_timeout: 60_000 }, async (client) => {
      await client.query("create table kept (n int)");
      await client.query("insert into kept values (1), (2), (3)");
      return await client.query("select count(*)::int as rows, pg_is_in_recovery() as follows from kept");
    });
    expect(answer.rows).toEqual([{ rows: 3, follows: false }]);
  });

  it("has its data on the volume, and what opens something in memory alone", async () => {
    const data = await world.run(machine, "sudo cat /var/lib/pulumi-spilo/data/pgroot/data/PG_VERSION");
    expect(data).toBe("17");
    expect(
      await world.run(machine, "findmnt --noheadings --output FSTYPE --target /run/pulumi-spilo/identity"),
    ).toBe("tmpfs");
  });
});
