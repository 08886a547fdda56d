import * as pulumi from "@pulumi/pulumi";
import { archivePrefix, type ClusterPlan, type MemberPlan, roles } from "../cluster/index.ts";
import type { Archive } from "./archive.ts";
import { restUrlOf } from "./members.ts";
import type { FirstBackup } from "./resources/first-backup.ts";
import { type ClusterSecrets, restUser } from "./secrets.ts";

/** How to reach a member. Which of them leads is asked, never known. */
export interface MemberOutput {
  readonly name: string;
  readonly address: string;
  readonly postgresPort: number;
  readonly restUrl: string;
}

/** Where WAL and base backups are, and the first of these. */
export interface ArchiveOutput {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly firstBackup: string;
  readonly firstBackupBytes: number;
}

/** What actions on the running cluster need. */
export interface Credentials {
  readonly superuser: { readonly user: string; readonly password: string };
  readonly rest: { readonly user: string; readonly password: string };
  readonly archive: { readonly accessKey: string; readonly secretKey: string };
}

export function memberOutput(member: MemberPlan): MemberOutput {
  const { name, address, postgres } = member;
  return { name, address, postgresPort: postgres.port, restUrl: restUrlOf(member) };
}

/** The first backup is part of it, so it is known when there is one. */
export function archiveOutput(
  plan: ClusterPlan,
  incarnation: pulumi.Output<string>,
  backup: FirstBackup,
): pulumi.Output<ArchiveOutput> {
  const { endpoint, region, bucket } = plan.archive;
  return pulumi.all([incarnation, backup.backup, backup.sizeBytes]).apply(([token, name, bytes]) => {
    const prefix = archivePrefix(plan, token);
    return { endpoint, region, bucket, prefix, firstBackup: name, firstBackupBytes: bytes };
  });
}

export function credentialsOutput(secrets: ClusterSecrets, { key }: Archive): pulumi.Output<Credentials> {
  const values = pulumi.all([secrets.superuser, secrets.rest, key.accessKey, key.secretKey]);
  return pulumi.secret(
    values.apply(([superuser, rest, accessKey, secretKey]) => ({
      superuser: { user: roles.superuser, password: superuser },
      rest: { user: restUser, password: rest },
      archive: { accessKey, secretKey },
    })),
  );
}

/**
 * A connection string of the superuser through the endpoint, once `when` is there. The server's certificate is the one
 * that the image made for itself: the connection is encrypted, and the certificate proves nothing.
 */
export function uriOutput(
  plan: ClusterPlan,
  port: number,
  secrets: ClusterSecrets,
  when: pulumi.CustomResource,
): pulumi.Output<string> {
  const { address } = plan.endpoint;
  return pulumi.secret(
    pulumi
      .all([secrets.superuser, when.id])
      .apply(
        ([password]) =>
          `postgresql://${roles.superuser}:${password}@${address}:${port}/postgres?sslmode=require`,
      ),
  );
}

/**
 * A connection string of the superuser with every member's own address, once `when` is there. Three seconds for a member
 * that does not answer: libpq waits for ever otherwise.
 */
export function multiHostUriOutput(
  { members }: ClusterPlan,
  target: "read-write" | "prefer-standby",
  secrets: ClusterSecrets,
  when: pulumi.CustomResource,
): pulumi.Output<string> {
  const hosts = members.map(({ postgres }) => `${postgres.host}:${postgres.port}`).join(",");
  const options = `sslmode=require&connect_timeout=3&target_session_attrs=${target}`;
  return pulumi.secret(
    pulumi
      .all([secrets.superuser, when.id])
      .apply(([password]) => `postgresql://${roles.superuser}:${password}@${hosts}/postgres?${options}`),
  );
}
