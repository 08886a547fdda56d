import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  checkChange,
  followingSettings,
  planCluster,
  renderSpiloConfiguration,
} from "../../cluster/index.ts";
import { sourceOf } from "../../cluster/restore/standby.ts";
import {
  checkExchange,
  checkPromotion,
  plannedLagBytes,
  type Received,
} from "../../cluster/running/promotion-checks.ts";
import { refusalOf, specification } from "./specifications.ts";

const endpoint = "https://s3.example";
const host = "10.1.0.10:5000";
const secrets = { restUser: "spilo", restPassword: "rest", rewindPassword: "rewind" };

const planOf = (standbyOf: object, others: object = {}) =>
  planCluster(specification({ ...others, standbyOf: { cluster: "orders", ...standbyOf } }));

describe("what a cluster follows", () => {
  it("is the other one's endpoint", () => {
    expect(planOf({ host }).standby).toEqual({
      cluster: "orders",
      source: { hosts: ["10.1.0.10"], port: 5000 },
    });
  });

  it("is one endpoint after the other, at one port", () => {
    fc.assert(
      fc.property(
        fc.array(fc.ipV4(), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 65_535 }),
        (hosts, port) => {
          expect(sourceOf(`${hosts.join(",")}:${port}`)).toEqual({ hosts, port });
        },
      ),
    );
  });

  it("is its archive as well, or alone, where one life of it is named", () => {
    const archive = {
      ...{ cluster: "orders", incarnation: "1a2b", bucket: "orders-wal", region: "us-east-1", endpoint },
    };
    expect(planOf({ incarnation: "1a2b", endpoint: `${endpoint}/` }).standby).toEqual({
      cluster: "orders",
      archive,
    });
    expect(planOf({ host, incarnation: "1a2b" }, { backup: { endpoint } }).standby?.archive).toEqual(archive);
  });

  it("is nothing of a cluster that leads", () => {
    expect(planCluster(specification({})).standby).toBeUndefined();
  });
});

describe("Patroni's settings of a cluster that follows", () => {
  it("name where it streams from, and no slot", () => {
    const { standby } = planOf({ host: "10.1.0.10,10.2.0.10:5000" });
    expect(standby && followingSettings(standby)).toEqual({
      standby_cluster: {
        ...{ host: "10.1.0.10,10.2.0.10", port: 5000 },
        create_replica_methods: ["basebackup"],
      },
    });
  });

  it("have the archive after the host, and let nothing of it end the server", () => {
    const { standby } = planOf({ host, incarnation: "1a2b", endpoint });
    expect(standby && followingSettings(standby)).toMatchObject({
      standby_cluster: {
        create_replica_methods: ["basebackup", "from_origin"],
        restore_command:
          'ARCHIVE_ENVIRONMENT=/ bash /etc/identity/restore-wal "%f" "%p" - bash /etc/identity/from-origin follow',
      },
      postgresql: { from_origin: { no_leader: true, no_params: true } },
    });
  });

  it("have it copied afresh where it cannot be rewound, even without synchronous commit", () => {
    const { settings } = planOf({ host }, { members: 1 });
    expect(settings.postgresql.remove_data_directory_on_rewind_failure).toBe(true);
  });
});

describe("the members of a cluster that may be followed", () => {
  const admitted = (others: object) => {
    const written = renderSpiloConfiguration(planCluster(specification(others)), secrets);
    const lines: string[] = parse(written).postgresql.pg_hba;
    return lines.filter((line) => /^hostssl (replication standby|postgres rewind)/.test(line));
  };

  it("let in through the proxies who has a certificate and the password, and only where that is said", () => {
    const [closed, open] = [admitted({}), admitted({ endpoint: { standbys: true } })];
    const added = open.filter((line) => !closed.includes(line));
    expect(added).toHaveLength(4);
    for (const line of added) expect(line).toMatch(/\/32 scram-sha-256 clientcert=verify-ca$/);
  });

  it("are the same whether they follow or lead", () => {
    const spilo = (plan: ReturnType<typeof planOf>) => renderSpiloConfiguration(plan, secrets);
    expect(spilo(planOf({ host }))).toBe(spilo(planCluster(specification({}))));
  });
});

describe("a specification that follows", () => {
  it.each([
    [{ cluster: "orders" }, "standbyOf.host: missing"],
    [{ cluster: "orders", incarnation: "1a" }, "standbyOf.endpoint: missing"],
    [{ cluster: "orders", host, endpoint: "http://s3.example" }, "they would travel in clear"],
    [{ cluster: "dev", host }, "is this cluster itself"],
    [{ cluster: "orders", host: "10.1.0.10" }, "must be host:port"],
  ])("refuses %j", (standbyOf, message) => {
    expect(refusalOf({ name: "dev", standbyOf })).toContain(message);
  });

  it("does not begin from an archive at a time as well", () => {
    const both = { restoreFrom: { cluster: "orders" }, standbyOf: { cluster: "orders", host } };
    expect(refusalOf({ name: "dev", backup: { endpoint }, ...both })).toContain("cannot go with restoreFrom");
  });

  it("keeps the other one's passwords until it is promoted", () => {
    const before = { name: "dev", standbyOf: { cluster: "orders", host } };
    const rotation = { passwords: 2 };
    expect(checkChange(before, { ...before, rotation }).map(({ path }) => path)).toEqual([
      "rotation.passwords",
    ]);
    expect(checkChange(before, { name: "dev", rotation })).toEqual([]);
    expect(checkChange({ name: "dev" }, before)).toEqual([]);
  });
});

const well: Received = {
  ...{ unreplayedBytes: 0, behindBytes: 0, streams: true, heardSeconds: 0.3 },
  ...{ lastCommit: "2030-01-01T00:00:00.000Z", lastCommitSeconds: 4 },
};
const cutOff: Received = { ...well, streams: false, heardSeconds: null, behindBytes: null };

describe("a promotion", () => {
  it("of a cluster that receives needs both leaves, and says how it goes without loss", () => {
    const decision = checkPromotion("10.1.0.10:5000", well, { force: false, acceptDataLoss: false });
    expect(decision.reasons).toEqual([
      "10.1.0.10:5000 serves, and both clusters would take writes",
      "what may be lost: 0 B of what it told 0.3 s ago, and what it has not told; " +
        "the last commit is of 2030-01-01T00:00:00.000Z, 4 s ago",
    ]);
    expect(decision.remedy).toBe(
      "Without loss: `spiloctl promote --source-stack NAME`. To do it all the same: --force --accept-data-loss.",
    );
  });

  it("of one that is cut off needs the leave to lose what it did not receive", () => {
    const wish = { force: false, acceptDataLoss: false };
    expect(checkPromotion("orders", cutOff, wish)).toMatchObject({
      reasons: [expect.stringContaining("what was written since nothing is received any more")],
      remedy: "To do it all the same: --accept-data-loss.",
      dataMayBeLost: true,
    });
    expect(checkPromotion("orders", cutOff, { ...wish, acceptDataLoss: true }).reasons).toEqual([]);
  });

  it("without the source's help never goes without the leave to lose data", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.nat(), (streams, force, behindBytes) => {
        const received = { ...well, streams, behindBytes };
        expect(checkPromotion("orders", received, { force, acceptDataLoss: false }).reasons).not.toEqual([]);
      }),
    );
  });
});

describe("an exchange of the roles", () => {
  const fine = { followed: "orders", sameSystem: true, sourceLeads: true, admitsStandbys: true };

  it("begins when all is received but for a little", () => {
    expect(checkExchange({ ...well, behindBytes: plannedLagBytes }, fine)).toEqual([]);
  });

  it.each([
    [{ behindBytes: plannedLagBytes + 2 ** 20 }, {}, "it is 17 MB behind (limit 16 MB)"],
    [{ streams: false }, {}, "nothing is received from there"],
    [{}, { sameSystem: false }, "orders is not the cluster that is followed: it has another database system"],
    [{}, { sourceLeads: false }, "orders does not lead: it follows another cluster itself"],
    [
      {},
      { admitsStandbys: false },
      "endpoint.standbys is not true here, so that the other cluster could not follow",
    ],
  ])("is refused with %j %j", (received, others, reason) => {
    expect(checkExchange({ ...well, ...received }, { ...fine, ...others })).toEqual([reason]);
  });
});
