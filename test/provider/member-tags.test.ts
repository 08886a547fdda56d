import { createServer } from "node:https";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ContainerExec, ExecResult } from "../../actions/engine/container-exec.ts";
import { Unfinished } from "../../provider/kind.ts";
import { memberTagsIn } from "../../provider/kinds/member-tags.ts";
import { spiloProvider } from "../../provider/provider.ts";
import { type Properties, secret } from "../../provider/wire.ts";
import { hastyClock } from "./hasty-clock.ts";
import { close, listen } from "./local-server.ts";
import { access, serverTls } from "./test-access.ts";

/** A member: its container's configuration, what its Patroni has read of it, and what the DCS was told. */
class FakeMember {
  readonly calls: string[] = [];
  readonly asked: string[] = [];
  /** Looks until the container has configured itself. */
  unconfigured = 0;
  /** Looks until Patroni reloads, and once more until it tells the DCS. */
  reloads = 1;
  file = false;
  own = false;
  dcs = false;
  /** What programs end with. */
  failure: Partial<ExecResult> | undefined;
  url = "";
  private coming: (() => void)[] = [];
  readonly server = createServer(serverTls, (request, response) => {
    this.asked.push(request.url ?? "");
    const [of, own] = [this.tags(this.dcs), { state: "running", ...this.tags(this.own) }];
    const members = [{ name: "m-2", role: "replica", state: "streaming", ...of }];
    response.writeHead(200).end(JSON.stringify(request.url === "/cluster" ? { members } : own));
    this.coming.shift()?.();
  });

  async start(): Promise<this> {
    this.url = await listen(this.server);
    return this;
  }

  /** A container as it was made. */
  anew(): void {
    Object.assign(this, { file: false, own: false, dcs: false, coming: [] });
  }

  exec(engine: string): ContainerExec {
    return async (container, [program = "", ...args], { user }) => {
      this.calls.push(`${engine} ${container} ${user}: ${program} ${args.join(" ")}`);
      if (this.failure !== undefined) return { exitCode: 1, output: "", errors: "", ...this.failure };
      if (program === "sv") return this.reload();
      this.unconfigured -= 1;
      if (this.unconfigured >= 0) return { exitCode: 3, output: "", errors: "" };
      const wanted = args.at(-1) === '{"nosync":true}';
      const output = wanted === this.file ? "unchanged\n" : "changed\n";
      this.file = wanted;
      return { exitCode: 0, output, errors: "" };
    };
  }

  private reload(): ExecResult {
    const take = () => {
      this.own = this.file;
      this.coming = [() => undefined, () => Object.assign(this, { dcs: this.own })];
    };
    this.coming = [...Array.from({ length: this.reloads }, () => () => undefined), take];
    return { exitCode: 0, output: "", errors: "" };
  }

  private tags(nosync: boolean): { readonly tags?: object } {
    return nosync ? { tags: { nosync, clonefrom: true } } : {};
  }
}

let member: FakeMember;
let lines: string[];

beforeEach(async () => {
  member = await new FakeMember().start();
  lines = [];
});

afterEach(() => close(member.server));

const context = {
  report: (line: string, severity = "info") => lines.push(`${severity}: ${line}`),
  signal: new AbortController().signal,
};
const write = (container: string, tags: string) => `unix:///engine ${container} root: python3 - ${tags}`;
const hup = (container: string) => `unix:///engine ${container} root: sv hup /run/service/patroni`;

function kind() {
  return memberTagsIn({ exec: (engine) => member.exec(engine), clock: hastyClock() });
}

function properties(change: Properties = {}): Properties {
  const login = { user: "somebody", password: "secret-word" };
  const place = {
    address: "127.0.0.1",
    postgresPort: 1,
    engine: "unix:///engine",
    zone: "a",
    synchronous: true,
  };
  const cluster = {
    ...{ name: "m", incarnation: "1a2b3c4d", voters: [], proxies: [], synchronousStandbys: 1 },
    endpoint: { address: "127.0.0.1", readWritePort: 1, readOnlyPort: 1 },
    members: [{ name: "m-2", restUrl: member.url, ...place }],
    credentials: { operator: login, rest: login, etcd: login, access },
  };
  const declared = { member: "m-2", engine: "unix:///engine", container: "first", nosync: true };
  return { ...declared, cluster, deadlineSeconds: 5, ...change };
}

function update(olds: Properties, news: Properties): Promise<Properties> | undefined {
  return kind().update?.(properties(olds), properties(news), context);
}

const tagged = { file: true, own: true, dcs: true };

describe("MemberTags", () => {
  it("costs nothing where no tag is wanted", async () => {
    await close(member.server);
    expect(await kind().create(properties({ nosync: false }), context)).toEqual({ id: "m-2", outputs: {} });
    expect(await update({ nosync: false }, { nosync: false, container: "second" })).toEqual({});
    expect([member.calls, lines]).toEqual([[], []]);
  });

  it("is done when the member has it and the DCS knows", async () => {
    expect(await kind().create(properties(), context)).toEqual({ id: "m-2", outputs: {} });
    expect(member).toMatchObject(tagged);
    expect(member.calls).toEqual([write("first", '{"nosync":true}'), hup("first")]);
    expect(lines).toEqual(["info: m-2 gets the tag nosync, by a reload of its Patroni"]);
  });

  it("waits for a container that has not configured itself yet", async () => {
    member.unconfigured = 2;
    await kind().create(properties(), context);
    expect(member).toMatchObject(tagged);
    expect(member.calls.filter((call) => call.includes("python3"))).toHaveLength(3);
  });

  it("reloads nothing where it is so already", async () => {
    Object.assign(member, tagged);
    await kind().create(properties(), context);
    expect(member.calls).toEqual([write("first", '{"nosync":true}')]);
  });

  it("reloads where the file has it and Patroni does not", async () => {
    member.file = true;
    await kind().create(properties(), context);
    expect(member).toMatchObject(tagged);
    expect(member.calls.at(-1)).toBe(hup("first"));
  });

  it("does not take what the DCS still has of a former container for its own", async () => {
    member.dcs = true;
    await kind().create(properties(), context);
    expect(member).toMatchObject(tagged);
  });

  it("takes the tag from a member that had it", async () => {
    Object.assign(member, tagged);
    await update({ nosync: true }, { nosync: false });
    expect(member).toMatchObject({ file: false, own: false, dcs: false });
    expect(member.calls).toEqual([write("first", '{"nosync":null}'), hup("first")]);
    expect(lines).toEqual(["info: m-2 loses the tag nosync, by a reload of its Patroni"]);
  });

  it("gives it to the container that takes the place of another", async () => {
    Object.assign(member, tagged);
    member.anew();
    await update({ container: "first" }, { container: "second" });
    expect(member).toMatchObject(tagged);
    expect(member.calls).toEqual([write("second", '{"nosync":true}'), hup("second")]);
  });

  it("says what it lacks when that takes too long, and is kept as not finished", async () => {
    member.reloads = 1000;
    const failure = await kind()
      .create(properties(), context)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unfinished);
    expect(failure).toMatchObject({
      id: "m-2",
      message:
        "the tags of m-2: not within 5 s: Patroni has not reloaded its configuration yet. " +
        "`docker logs m-2` says more; `pulumi up` goes on from here",
    });
  });

  it("says why its configuration cannot be changed", async () => {
    member.failure = { errors: "Traceback\n/run/postgres.yml: No such file or directory\n" };
    await expect(kind().create(properties(), context)).rejects.toThrow(
      "m-2: its tags: /run/postgres.yml: No such file or directory. look at it by `docker exec`",
    );
  });
});

describe("MemberTags, when the state is refreshed", () => {
  it("stands as declared while the member says so", async () => {
    Object.assign(member, tagged);
    expect(await kind().read?.(properties(), context)).toEqual({});
    expect([member.calls, member.asked]).toEqual([[], ["/patroni"]]);
  });

  it("is an update when the tag was lost by hand, or set", async () => {
    expect(await kind().read?.(properties(), context)).toEqual({ nosync: false });
    Object.assign(member, tagged);
    expect(await kind().read?.(properties({ nosync: false }), context)).toEqual({ nosync: true });
    expect(lines).toEqual([
      "info: m-2 does not have the tag nosync, other than declared",
      "info: m-2 has the tag nosync, other than declared",
    ]);
  });

  it("is taken as it was where the member is silent", async () => {
    await close(member.server);
    expect(await kind().read?.(properties(), context)).toEqual({});
    expect(lines).toEqual([expect.stringMatching(/^warning: taken as it was/)]);
  });
});

describe("a preview of MemberTags", () => {
  const urn = "urn:pulumi:dev::spilo::spilo:index:SpiloCluster$spilo:index:MemberTags::m-2-tags";
  const shown: string[] = [];
  const provider = spiloProvider(async (_urn, line) => void shown.push(line));

  async function diff(news: Properties) {
    const state = properties({ cluster: secret(properties()["cluster"]) });
    return await provider.diff?.("m-2", urn, state, { ...state, ...news });
  }

  it("is an update for another container or tag, and says what that means", async () => {
    expect(await diff({ container: "second" })).toEqual({ changes: true, replaces: [] });
    expect(shown).toEqual([]);
    expect(await diff({ nosync: false })).toEqual({ changes: true, replaces: [] });
    expect(shown).toEqual([
      "m-2: commits may wait for it (Patroni's tag nosync), by a reload; nothing is restarted or replaced",
    ]);
    expect(await diff({ deadlineSeconds: 9 })).toEqual({ changes: false, replaces: [] });
  });
});
