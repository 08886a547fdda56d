import { describe, expect, it } from "vitest";
import { assumedBy, machinePolicy, replicationPolicy } from "../../cluster/aws/policies.ts";

const rights = {
  cluster: "orders",
  incarnation: "1a2b3c4d",
  bucket: "orders-wal",
  secrets: ["arn:aws:secretsmanager:eu-central-1:123456789012:secret:one"],
  volume: "vol-0a1b2c3d",
  agent: false,
};
const bucket = "arn:aws:s3:::orders-wal";
const life = `${bucket}/spilo/orders/1a2b3c4d`;

/** Each statement as `action on resource`. */
function told({ Statement }: ReturnType<typeof machinePolicy>) {
  return Statement.flatMap(({ Action, Resource = [] }) =>
    Action.flatMap((action) => Resource.map((resource) => `${action} ${resource}`)),
  ).sort();
}

describe("what a machine may do", () => {
  it("is, for a member: its secrets, the mark of its volume, and the archive of this life of its cluster", () => {
    expect(told(machinePolicy({ ...rights, kind: "member" }))).toEqual([
      `s3:AbortMultipartUpload ${life}/wal/*`,
      `s3:DeleteObject ${life}/wal/*`,
      `s3:GetObject ${life}/volumes/vol-0a1b2c3d`,
      `s3:GetObject ${life}/wal/*`,
      `s3:ListBucket ${bucket}`,
      `s3:ListMultipartUploadParts ${life}/wal/*`,
      `s3:PutObject ${life}/volumes/vol-0a1b2c3d`,
      `s3:PutObject ${life}/wal/*`,
      `secretsmanager:GetSecretValue ${rights.secrets[0]}`,
    ]);
  });

  it("is, for a read replica: the same, but that it only reads the archive", () => {
    const [member, replica] = (["member", "replica"] as const).map((kind) =>
      told(machinePolicy({ ...rights, kind })),
    );
    const written = (member ?? []).filter((one) => one.endsWith("/wal/*") && !one.startsWith("s3:GetObject"));
    expect(replica).toEqual(member?.filter((one) => !written.includes(one)));
    expect(written).toHaveLength(4);
  });

  it("is, for a voter: its secrets, and the mark of its volume", () => {
    expect(told(machinePolicy({ ...rights, kind: "voter" }))).toEqual([
      `s3:GetObject ${life}/volumes/vol-0a1b2c3d`,
      `s3:ListBucket ${bucket}`,
      `s3:PutObject ${life}/volumes/vol-0a1b2c3d`,
      `secretsmanager:GetSecretValue ${rights.secrets[0]}`,
    ]);
  });

  it.each([
    ["member", "spilo/orders/1a2b3c4d/*"],
    ["replica", "spilo/orders/1a2b3c4d/*"],
    ["voter", "spilo/orders/1a2b3c4d/volumes/*"],
  ] as const)("is, for a %s, to list no more than it may read", (kind, prefix) => {
    const { Statement } = machinePolicy({ ...rights, kind });
    const lists = Statement.filter(({ Action }) => Action.includes("s3:ListBucket"));
    expect(lists.map(({ Condition }) => Condition)).toEqual([{ StringLike: { "s3:prefix": [prefix] } }]);
  });

  it("is, for a member of a cluster that began from another one's archive, to read that life of it, and no more", () => {
    const origin = { bucket: "sales-wal", cluster: "sales", incarnation: "aaaa" };
    const before = told(machinePolicy({ ...rights, kind: "member" }));
    const more = machinePolicy({ ...rights, kind: "member", origin });
    expect(told(more).filter((one) => !before.includes(one))).toEqual([
      "s3:GetObject arn:aws:s3:::sales-wal/spilo/sales/aaaa/wal/*",
      "s3:ListBucket arn:aws:s3:::sales-wal",
    ]);
    const list = more.Statement.find(({ Sid }) => Sid === "OriginList");
    expect(list?.Condition).toEqual({ StringLike: { "s3:prefix": ["spilo/sales/aaaa/wal/*"] } });
    expect(machinePolicy({ ...rights, kind: "voter", origin })).toEqual(
      machinePolicy({ ...rights, kind: "voter" }),
    );
  });

  it("is, with the agent of Systems Manager, to hold its sessions besides", () => {
    for (const kind of ["member", "voter"] as const) {
      const without = told(machinePolicy({ ...rights, kind }));
      const more = told(machinePolicy({ ...rights, kind, agent: true })).filter(
        (one) => !without.includes(one),
      );
      expect(more).toEqual([
        "ssm:UpdateInstanceInformation *",
        "ssmmessages:CreateControlChannel *",
        "ssmmessages:CreateDataChannel *",
        "ssmmessages:OpenControlChannel *",
        "ssmmessages:OpenDataChannel *",
      ]);
    }
  });

  it("never is everything", () => {
    for (const kind of ["member", "replica", "voter"] as const) {
      for (const { Action, Resource = [] } of machinePolicy({ ...rights, kind }).Statement) {
        expect(Action.filter((action) => action.includes("*"))).toEqual([]);
        expect(Resource).not.toContain("*");
      }
    }
  });
});

it("S3 may read one bucket's versions and write the other's, and nobody but S3 may take that role", () => {
  expect(told(replicationPolicy("one", "two"))).toEqual([
    "s3:GetObjectVersionAcl arn:aws:s3:::one/*",
    "s3:GetObjectVersionForReplication arn:aws:s3:::one/*",
    "s3:GetObjectVersionTagging arn:aws:s3:::one/*",
    "s3:GetReplicationConfiguration arn:aws:s3:::one",
    "s3:ListBucket arn:aws:s3:::one",
    "s3:ReplicateDelete arn:aws:s3:::two/*",
    "s3:ReplicateObject arn:aws:s3:::two/*",
    "s3:ReplicateTags arn:aws:s3:::two/*",
  ]);
  expect(assumedBy("s3").Statement.map(({ Principal }) => Principal)).toEqual([
    { Service: "s3.amazonaws.com" },
  ]);
});
