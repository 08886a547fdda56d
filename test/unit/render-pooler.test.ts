import { describe, expect, it } from "vitest";
import { renderPoolerUsers } from "../../cluster/index.ts";
import { isVerifierOf } from "../../cluster/rotation/scram.ts";

const users = { password: 'with "quotes"', operatorPassword: "of-the-operator", incarnation: "1a2b3c4d" };

const logins = { pooler: "pooler_1", operator: "operator_1" };

/** Names and what they show, as PgBouncer reads them. */
function entriesOf(list: string): Record<string, string> {
  const entries = [...list.matchAll(/^"((?:[^"]|"")*)" "((?:[^"]|"")*)"$/gm)];
  return Object.fromEntries(
    entries.map(([, name = "", secret = ""]) => [name, secret.replaceAll('""', '"')]),
  );
}

describe("the pooler's list of users", () => {
  it("has its own password, and of the operator a verifier alone", () => {
    const list = renderPoolerUsers(logins, users);
    const { pooler_1, operator_1 = "", ...others } = entriesOf(list);
    expect(pooler_1).toBe('with "quotes"');
    expect(isVerifierOf(operator_1, "of-the-operator")).toBe(true);
    expect(others).toEqual({});
    expect(list).not.toContain("of-the-operator");
  });

  it("is the same each time, and another in another life of the cluster", () => {
    expect(renderPoolerUsers(logins, users)).toBe(renderPoolerUsers(logins, { ...users }));
    expect(renderPoolerUsers(logins, { ...users, incarnation: "5e6f7a8b" })).not.toBe(
      renderPoolerUsers(logins, users),
    );
  });
});
