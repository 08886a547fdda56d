import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import { type Issued, issueCertificate, makeAuthority } from "../../actions/certificates/certificates.ts";
import { digestOf, type FileDigest } from "../../actions/engine/part-files.ts";
import type { KindContext } from "../../provider/kind.ts";
import { explainIdentity } from "../../provider/kinds/explain-identity.ts";
import { type IdentityWorld, identityIn } from "../../provider/kinds/identity.ts";
import { type Properties, plain } from "../../provider/wire.ts";

const now = new Date("2026-06-01T12:00:00Z");

let leaf: Issued;
let files: Record<string, { content: string; mode: number }>;

beforeAll(async () => {
  const authority = await makeAuthority({ commonName: "orders CA", years: 10, now });
  const names = { commonName: "orders-1", dnsNames: ["orders-1"], addresses: [] };
  leaf = await issueCertificate({ authority, ...names, uses: ["server"], days: 30, now });
  files = {
    "tls.crt": { content: leaf.certificate, mode: 0o644 },
    "tls.key": { content: leaf.privateKey, mode: 0o600 },
  };
});

/** What was asked of the engine and the part, in its order. */
let done: string[];
let lines: string[];
/** What was written last as the authorities that count. */
let trusted: string | undefined;

beforeEach(() => {
  done = [];
  lines = [];
});

const context: KindContext = {
  report: (line, severity = "info") => lines.push(`${severity}: ${line}`),
  signal: new AbortController().signal,
  now: () => now,
};

interface Part {
  readonly runs?: boolean;
  readonly exitCode?: number;
  readonly found?: Readonly<Record<string, FileDigest>> | undefined;
  readonly gone?: Error;
  /** What stands in the volume, as far as it is told. */
  readonly texts?: Readonly<Record<string, string>>;
}

function world({ runs = true, exitCode = 0, found, gone, texts = {} }: Part = {}): IdentityWorld {
  return {
    write: async ({ volume }, owner, written) => {
      trusted = written["ca.crt"]?.content;
      done.push(`${Object.keys(written).join(" ")} of ${owner} into ${volume}`);
    },
    read: async () => {
      if (gone !== undefined) throw gone;
      return found;
    },
    change: async (_place, change) => {
      await change(texts);
      return [];
    },
    toolsFor: () => ({
      isRunning: async () => runs,
      exec: async (container, command, { user }) => {
        done.push(`${command.join(" ")} in ${container} as ${user}`);
        return { exitCode, output: "", errors: "sv: unable to hup\n" };
      },
      isServed: async ({ what, host, port, protocol, certificate }) => {
        expect(certificate).toBe(leaf.certificate);
        done.push(`${what} shows it at ${protocol} ${host}:${port}`);
      },
    }),
  };
}

function member(): Properties {
  return {
    part: "orders-1",
    engine: "unix:///var/run/docker.sock",
    image: "sha256:1",
    volume: "orders-1-identity-1a2b3c4d",
    owner: "postgres",
    files,
    reload: { container: "orders-1", user: "root", command: ["sv", "hup", "patroni"] },
    served: [
      { host: "10.9.0.11", port: 8008, protocol: "tls" },
      { host: "10.9.0.11", port: 5432, protocol: "postgres" },
    ],
    deadlineSeconds: 60,
  };
}

const written = "tls.crt tls.key of postgres into orders-1-identity-1a2b3c4d";

describe("Identity", () => {
  it("is written when it is made, before there is anybody to tell", async () => {
    const made = await identityIn(world()).create(member(), context);
    expect(made.id).toBe("orders-1");
    expect(done).toEqual([written]);
  });

  it("is written anew, taken by a reload, and seen everywhere", async () => {
    await identityIn(world()).update?.({ ...member(), files: {} }, member(), context);
    expect(done).toEqual([
      written,
      "sv hup patroni in orders-1 as root",
      "orders-1 shows it at tls 10.9.0.11:8008",
      "orders-1 shows it at postgres 10.9.0.11:5432",
    ]);
  });

  it("is seen without a reload where a part looks by itself", async () => {
    await identityIn(world()).update?.({}, { ...member(), reload: undefined }, context);
    expect(done.slice(1)).toEqual([
      "orders-1 shows it at tls 10.9.0.11:8008",
      "orders-1 shows it at postgres 10.9.0.11:5432",
    ]);
  });

  it("is only written for another image: its owner may be another, but the part has taken the files", async () => {
    const { outputs } = await identityIn(world()).create(member(), context);
    const state = { ...member(), ...plain(outputs) };
    done = [];
    await identityIn(world()).update?.(state, { ...member(), image: "sha256:2" }, context);
    expect(done).toEqual([written]);
  });

  it("is written with the configurations, and leaves a part in peace that is replaced for one", async () => {
    const configured = {
      ...member(),
      files: {},
      configuration: { "haproxy.cfg": "listen" },
      secretConfiguration: { "userlist.txt": "secret" },
    };
    const wanted = { ...configured, files, secretConfiguration: { "userlist.txt": "another" } };
    await identityIn(world()).update?.(configured, wanted, context);
    expect(done).toEqual([
      "tls.crt tls.key haproxy.cfg userlist.txt of postgres into orders-1-identity-1a2b3c4d",
    ]);
  });

  it("goes on to trust a former authority that is trusted still, and nobody else who is", async () => {
    const [own, former, stranger] = await Promise.all(
      ["own", "former", "stranger"].map(async (name) => {
        return (await makeAuthority({ commonName: name, years: 1, now })).certificate;
      }),
    );
    const ca = { content: own ?? "", mode: 0o644, former: former ?? "" };
    const wanted = { ...member(), files: { ...files, "ca.crt": ca } };
    const during = { "ca.crt": `${former}${stranger}` };
    await identityIn(world({ texts: during })).update?.({ ...wanted, files: {} }, wanted, context);
    expect(trusted).toBe(`${own}${former}`);
    await identityIn(world({ texts: { "ca.crt": own ?? "" } })).update?.(
      { ...wanted, files: {} },
      wanted,
      context,
    );
    expect(trusted).toBe(own);
  });

  it("is left to its start where a part does not run", async () => {
    await identityIn(world({ runs: false })).update?.({}, member(), context);
    expect(done).toEqual([written]);
  });

  it("is unfinished while a part does not reload, and shows nothing of the files", async () => {
    const update = identityIn(world({ exitCode: 1 })).update?.({}, member(), context);
    const failure = await update?.catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: "Unfinished",
      id: "orders-1",
      message:
        "orders-1 has new files, but does not reload: sv hup patroni ended with 1: sv: unable to hup. docker logs orders-1 says more; `pulumi up` tries again",
    });
  });

  it("is refused with a certificate that has expired, and nothing is written", async () => {
    const later: KindContext = { ...context, now: () => new Date("2026-07-02T00:00:00Z") };
    const reason =
      "orders-1: tls.crt expired on 2026-07-01: run `pulumi up` without --target, which renews it first";
    await expect(identityIn(world()).create(member(), later)).rejects.toThrow(reason);
    await expect(identityIn(world()).update?.({}, member(), later)).rejects.toThrow(reason);
    const s3 = { ...member(), files: { "public.crt": files["tls.crt"] } };
    await expect(identityIn(world()).create(s3, later)).rejects.toThrow("orders-1: public.crt expired");
    expect(done).toEqual([]);
  });

  it("says in a preview which files are new, and nothing of what is in them", async () => {
    const news = { ...member(), files: { ...files, "tls.key": { content: "another", mode: 0o600 } } };
    expect(await explainIdentity(member(), news)).toEqual([
      "orders-1 takes a new tls.key without a restart, and nothing is replaced",
    ]);
    expect(await explainIdentity(member(), { ...member(), image: "sha256:2" })).toEqual([]);
  });
});

describe("a refresh of Identity", () => {
  const digests = () =>
    Object.fromEntries(
      Object.entries(files).map(([name, { content, mode }]) => [name, digestOf(content, mode)]),
    );
  const refresh = async (part: Part) =>
    plain((await identityIn(world(part)).read?.(member(), context)) ?? {});

  it("finds it as declared", async () => {
    const found = { ...digests(), "left-over": digestOf("", 0o644) };
    expect(await refresh({ found })).toEqual({});
    expect(lines).toEqual([]);
  });

  it.each([
    ["of other content", () => ({ ...digests(), "tls.key": digestOf("another", 0o600) })],
    ["that others may read", () => ({ ...digests(), "tls.key": { ...digestOf(leaf.privateKey, 0o644) } })],
    ["that is missing", () => ({ "tls.crt": digestOf(leaf.certificate, 0o644) })],
  ])("leaves out a file %s, so that the next update writes it", async (_what, found) => {
    expect(await refresh({ found: found() })).toMatchObject({ files: { "tls.crt": files["tls.crt"] } });
    expect(lines).toEqual([
      "info: orders-1: not as declared in its volume orders-1-identity-1a2b3c4d: tls.key. `pulumi up` writes it again",
    ]);
  });

  it("leaves out all files when the volume is gone, as a new one is empty", async () => {
    expect(await refresh({ found: undefined })).toMatchObject({ files: {} });
  });

  it("that found something makes the next update tell the part again", async () => {
    const { outputs } = await identityIn(world()).create(member(), context);
    const state = { ...member(), ...plain(outputs), ...(await refresh({ found: {} })) };
    await identityIn(world()).update?.(state, member(), context);
    expect(done).toContain("sv hup patroni in orders-1 as root");
  });

  it("takes it as it was when the engine does not answer", async () => {
    expect(await refresh({ gone: new ActionError("unreachable", "the engine is off") })).toEqual({});
    expect(lines).toEqual(["warning: taken as it was, since nobody could be asked: the engine is off"]);
  });
});
