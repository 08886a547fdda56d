import { describe, expect, it } from "vitest";
import type { HttpFetch } from "../../actions/https-fetch.ts";
import { patroniClient, type RestCredentials } from "../../actions/patroni/patroni-client.ts";
import { access } from "./test-access.ts";

/** A member that takes one password; what was tried, in order. */
function member(taken: string) {
  const tried: string[] = [];
  const fetch: HttpFetch = async (_url, { headers = {} }) => {
    const given = headers["authorization"]?.replace(/^Basic /, "") ?? "";
    const password = Buffer.from(given, "base64").toString().replace(/^.*?:/, "");
    tried.push(password);
    const ok = password === taken;
    return { ok, status: ok ? 200 : 401, text: async () => (ok ? "{}" : "not authenticated") };
  };
  return { tried, fetch };
}

function patch({ fetch }: ReturnType<typeof member>, credentials: Partial<RestCredentials>) {
  const login = { username: "spilo", password: "new", ...credentials };
  return patroniClient({ access, fetch, credentials: login }).patchConfig("https://m-1", { ttl: 30 });
}

describe("Patroni's password, while members are replaced for another one", () => {
  it("is the new one where that is taken, and nothing else is tried", async () => {
    const replaced = member("new");
    await patch(replaced, { former: "old" });
    expect(replaced.tried).toEqual(["new"]);
  });

  it("is the former one where a member has not yet been replaced", async () => {
    const waiting = member("old");
    await patch(waiting, { former: "old" });
    expect(waiting.tried).toEqual(["new", "old"]);
  });

  it.each([undefined, ""])("is told to be wrong when there is no former one (%j)", async (former) => {
    const other = member("another");
    await expect(patch(other, { former })).rejects.toThrow(/401 not authenticated \(the REST password/);
    expect(other.tried).toEqual(["new"]);
  });

  it("is told to be wrong when both are", async () => {
    const other = member("another");
    const failure = await patch(other, { former: "old" }).catch(String);
    expect(failure).toMatch(/401/);
    expect(failure).not.toMatch(/old|new/);
  });
});
