import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  checkChange,
  checkOrigin,
  type Origin,
  planCluster,
  renderOriginEnv,
  renderSpiloConfiguration,
  sparesOf,
} from "../../cluster/index.ts";
import { isoTime } from "../../cluster/restore/iso-time.ts";
import { refusalOf, specification } from "./specifications.ts";

const endpoint = "https://s3.example:9000";
const ca = "-----BEGIN CERTIFICATE-----\nMIIBejCCAR+gAwIBAgIB\n-----END CERTIFICATE-----\n";
const secrets = { restUser: "spilo", restPassword: "rest", rewindPassword: "rewind" };

function originOf(restoreFrom: object, others: object = {}) {
  return planCluster(specification({ backup: { endpoint }, ...others, restoreFrom })).origin;
}

describe("what a cluster is made from", () => {
  it("is, unless it is said to be elsewhere, where its own archive will be", () => {
    const backup = { endpoint: `${endpoint}/`, ca, bucket: "archives", region: "eu-west-1" };
    expect(originOf({ cluster: "orders" }, { backup })).toEqual({
      ...{ cluster: "orders", endpoint, ca, bucket: "archives", region: "eu-west-1" },
      target: { kind: "latest" },
    });
  });

  it("is in the bucket that the other cluster has by default, where no bucket is named", () => {
    expect(originOf({ cluster: "orders" })?.bucket).toBe("orders-wal");
  });

  it("is elsewhere where that is said, and is known there by an authority of its own", () => {
    const elsewhere = {
      endpoint: "https://other.example",
      bucket: "old",
      region: "us-west-2",
      incarnation: "1a2b",
    };
    const others = { backup: { endpoint, ca } };
    expect(originOf({ cluster: "dev", lsn: "0/35290B60", ...elsewhere }, others)).toEqual({
      ...{ cluster: "dev", ...elsewhere },
      target: { kind: "lsn", lsn: "0/35290B60" },
    });
  });

  it.each([
    ["2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"],
    ["2026-03-01 12:00:00.123456+00", "2026-03-01T12:00:00.123456+00:00"],
    ["2026-03-01 12:00-0330", "2026-03-01T12:00:00-03:30"],
    ["2026-03-01 12:00:00.728252 +0000 UTC", "2026-03-01T12:00:00.728252+00:00"],
    ["2026-03-01 12:00:00 +0100 +0100", "2026-03-01T12:00:00+01:00"],
  ])("has a time in one form: %s", (written, read) => {
    expect(isoTime(written)).toBe(read);
    expect(originOf({ cluster: "orders", time: written })?.target).toEqual({ kind: "time", time: read });
  });

  it.each([
    ["a time without a zone", { time: "2026-03-01T12:00:00" }, /restoreFrom\.time.*\n.*a time with a zone/],
    ["a day that there is not", { time: "2026-13-41T12:00:00Z" }, /There is no such day/],
    ["two ends", { time: "2026-03-01T12:00:00Z", lsn: "0/1" }, /has time and lsn, and a restore ends at one/],
    ["no end", { latest: false }, /leaves open up to where/],
    ["no cluster", { cluster: undefined }, /restoreFrom\.cluster: missing/],
    ["a bucket in clear", { endpoint: "http://s3.example" }, /they would travel in clear/],
  ])("is refused with %s", (_title, written, said) => {
    const restoreFrom = { cluster: "orders", ...written };
    expect(refusalOf({ name: "dev", backup: { endpoint }, restoreFrom })).toMatch(said);
  });

  it("has to be somewhere: the stack's own server begins empty", () => {
    expect(refusalOf({ name: "dev", restoreFrom: { cluster: "orders" } })).toBe(
      "error  spilo:cluster.restoreFrom.endpoint: missing: where the backups of orders are; this stack's own S3 server begins empty\n" +
        "       Set it to the S3 endpoint that they are at, or set backup.endpoint where both clusters use one.",
    );
  });
});

describe("a cluster that has begun", () => {
  const origin = originOf({ cluster: "orders", time: "2026-03-01T12:00:00Z" });

  it("may forget from what, and be told again how that is reached", () => {
    expect(checkOrigin(origin, undefined)).toBeUndefined();
    expect(origin && checkOrigin(origin, { ...origin, endpoint: "https://new.example", ca })).toBeUndefined();
  });

  it("is not made from anything else", () => {
    const other = originOf({ cluster: "orders", latest: true });
    expect(checkOrigin(origin, other)).toMatchObject({
      path: "restoreFrom",
      message:
        "must stay orders, as of 2026-03-01T12:00:00Z, or be removed: this cluster has begun from there",
    });
    expect(checkOrigin(undefined, other)?.message).toContain("is read once, when a cluster is made");
  });

  it("may be corrected while only its specification is there", () => {
    const declared = (restoreFrom: object) => ({ name: "dev", backup: { endpoint }, restoreFrom });
    expect(checkChange(declared({ cluster: "oders" }), declared({ cluster: "orders" }))).toEqual([]);
  });

  it("does not let in who logged in to the other one by a name that is not in use", () => {
    const spares = sparesOf(planCluster(specification({ rotation: { passwords: 2 } })));
    expect(spares).toEqual(["standby_1", "rewind_1", "operator_1", "pooler_1", "app_2"]);
  });
});

describe("Spilo's configuration", () => {
  const plan = planCluster(specification());
  const found: Origin = {
    ...{ cluster: "orders", incarnation: "1a2b3c4d", postgresqlVersion: 17 },
    ...{ endpoint, region: "us-east-1", bucket: "orders-wal" },
    target: { kind: "latest" },
  };
  const bootstrapOf = (origin?: Origin) =>
    parse(renderSpiloConfiguration(plan, secrets, plan.members[0], origin)).bootstrap;

  it("says nothing of an archive where a cluster begins empty", () => {
    expect(Object.keys(bootstrapOf())).toEqual(["dcs"]);
  });

  it("begins with the last backup, and ends with the last WAL", () => {
    expect(bootstrapOf(found)).toMatchObject({
      method: "clone_with_wale",
      clone_with_wale: {
        command: "bash /etc/identity/from-origin base",
        recovery_conf: {
          restore_command: 'bash /etc/identity/from-origin wal "%f" "%p"',
          recovery_target_timeline: "latest",
          recovery_target_action: "promote",
        },
      },
    });
  });

  it("ends at a time", () => {
    const time = "2026-03-01T12:00:00Z";
    const { command, recovery_conf } = bootstrapOf({
      ...found,
      target: { kind: "time", time },
    }).clone_with_wale;
    expect(command).toBe(`bash /etc/identity/from-origin base --recovery-target-time="${time}"`);
    expect(recovery_conf.recovery_target_time).toBe(time);
    expect(recovery_conf).not.toHaveProperty("recovery_target_inclusive");
  });

  it("ends before a position, and begins with the backup that is complete there", () => {
    const [lsn, backupBefore] = ["0/35290B60", "2026-03-01T11:00:01.000Z"];
    const origin: Origin = { ...found, target: { kind: "lsn", lsn }, backupBefore };
    const { command, recovery_conf } = bootstrapOf(origin).clone_with_wale;
    expect(command).toBe(`bash /etc/identity/from-origin base --recovery-target-time="${backupBefore}"`);
    expect(recovery_conf).toMatchObject({ recovery_target_lsn: lsn, recovery_target_inclusive: "false" });
    expect(recovery_conf).not.toHaveProperty("recovery_target_time");
  });

  it("has what opens the archive in a file of its own", () => {
    const key = { accessKey: "reader", secretKey: "a=b=" };
    expect(renderOriginEnv(found, key, true).split("\n")).toEqual([
      "WALG_S3_PREFIX=s3://orders-wal/spilo/orders/1a2b3c4d/wal/17",
      `AWS_ENDPOINT=${endpoint}`,
      "AWS_REGION=us-east-1",
      "AWS_S3_FORCE_PATH_STYLE=true",
      "WALG_S3_CA_CERT_FILE=/etc/identity/origin-ca.crt",
      "USE_WALG_RESTORE=true",
      "AWS_ACCESS_KEY_ID=reader",
      "AWS_SECRET_ACCESS_KEY=a=b=",
      "",
    ]);
    expect(renderOriginEnv(found, key, false)).not.toContain("WALG_S3_CA_CERT_FILE");
  });
});
