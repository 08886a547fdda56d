import { isVerifierOf, scramVerifier } from "../../cluster/rotation/scram.ts";
import type { LeaderSql } from "../sql/leader-sql.ts";
import { identifier, literal } from "./roles-statements.ts";

/** Passwords by the role that logs in with them. */
export type LoginPasswords = Readonly<Record<string, string>>;

/**
 * Statements that give roles their passwords: only to those that have another one or none, so that nothing is written
 * when all is as it should be. The server is told verifiers, and never sees a password.
 */
export async function passwordStatements(sql: LeaderSql, logins: LoginPasswords): Promise<readonly string[]> {
  const names = Object.keys(logins);
  const held = await verifiersOf(sql, names);
  return names.flatMap((name) => {
    const password = logins[name] ?? "";
    if (isVerifierOf(held.get(name) ?? "", password)) return [];
    return [`alter role ${identifier(name)} password ${literal(scramVerifier(password))};`];
  });
}

async function verifiersOf(sql: LeaderSql, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await sql(
    "postgres",
    `select rolname, rolpassword from pg_catalog.pg_authid
      where rolpassword is not null and rolname in (${names.map(literal).join(", ")});`,
  );
  const lines = rows.split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const bar = line.indexOf("|");
      return [line.slice(0, bar), line.slice(bar + 1)] as const;
    }),
  );
}
