import { X509Certificate } from "node:crypto";
import { specialSecretSig, specialSigKey, unknownValue } from "@pulumi/pulumi/runtime/rpc.js";
import { beforeAll, describe, expect, it } from "vitest";
import { type Issued, makeAuthority, renewAuthority } from "../../actions/certificates/certificates.ts";
import { kinds } from "../../provider/kinds.ts";
import { spiloProvider } from "../../provider/provider.ts";
import { asProperties, type Properties, plain, secret } from "../../provider/wire.ts";

const start = new Date("2026-06-01T12:00:00Z");
const DAY = 24 * 60 * 60_000;
const hidden = { [specialSigKey]: specialSecretSig };

let given: Issued;
let other: Issued;

beforeAll(async () => {
  given = await makeAuthority({ commonName: "company CA", years: 2, now: start });
  other = await makeAuthority({ commonName: "company CA", years: 2, now: start });
});

function urn(type: string): string {
  return `urn:pulumi:dev::pulumi-spilo::spilo:index:SpiloCluster$spilo:index:${type}::orders-${type}`;
}

/** A provider on whose clock some days have passed. */
function later(days: number) {
  const lines: string[] = [];
  const log = async (_urn: string, line: string, severity = "info") => {
    lines.push(`${severity}: ${line}`);
  };
  return { provider: spiloProvider(log, kinds, () => new Date(start.getTime() + days * DAY)), lines };
}

async function make(type: string, inputs: Properties, days = 0): Promise<Properties> {
  return asProperties((await later(days).provider.create?.(urn(type), inputs))?.outs);
}

/** What an update leaves. */
async function change(state: Properties, news: Properties): Promise<Properties> {
  return asProperties(
    (await later(0).provider.update?.("1", urn("CertificateAuthority"), state, news))?.outs,
  );
}

const keyed = ({ certificate, privateKey }: Issued) => secret({ certificate, privateKey });
const own = { cluster: "orders", generation: 1, years: 10 };

async function leafInputs(authority: Properties): Promise<Properties> {
  const { certificate, privateKey } = plain(authority);
  const names = { commonName: "orders-1", dnsNames: ["orders-1"], addresses: ["10.9.0.11"] };
  return { authority: secret({ certificate, privateKey }), ...names, uses: ["server", "client"], days: 397 };
}

/** What a preview says of a resource whose inputs are as they were. */
async function preview(type: string, state: Properties, days: number) {
  const { provider, lines } = later(days);
  const diff = await provider.diff?.("1", urn(type), state, state);
  return { changes: diff?.changes, lines };
}

describe("CertificateAuthority", () => {
  it("is made with a key that the state keeps as a secret", async () => {
    const made = await make("CertificateAuthority", own);
    expect(made).toMatchObject({ ...own, expires: "2036-06-01T12:00:00.000Z", privateKey: hidden });
    const certificate = new X509Certificate(String(made["certificate"]));
    expect([certificate.ca, certificate.subject]).toEqual([true, "CN=orders CA 1"]);
  });

  it("is another one in another generation, which remembers the former; other years change nothing", async () => {
    const made = await make("CertificateAuthority", own);
    const { provider, lines } = later(0);
    const ask = (news: Properties) => provider.diff?.("1", urn("CertificateAuthority"), made, news);
    expect(await ask({ ...own, years: 5 })).toEqual({ changes: false, replaces: [] });
    expect(lines).toEqual([]);
    expect(await ask({ ...own, generation: 2 })).toEqual({ changes: true, replaces: [] });
    expect(lines).toEqual([
      "info: another authority: every part first trusts it beside the former, then takes a certificate of it, and at the end trusts the former no more; no member or proxy is restarted, etcd's voters are, one after the other and twice",
      "info: clients that verify the server need the new output `ca`: who has only the former one is not connected any more as soon as the members have their new certificates",
    ]);
    const second = await change(made, { ...own, generation: 2 });
    expect(new X509Certificate(String(second["certificate"])).subject).toBe("CN=orders CA 2");
    expect(second["former"]).toBe(made["certificate"]);
    expect(second["privateKey"]).not.toEqual(made["privateKey"]);
    const third = await change(second, { ...own, generation: 3 });
    expect(third["former"]).toBe(`${second["certificate"]}${made["certificate"]}`);
  });

  it("that is given may be followed by another, and by its own renewed certificate, which is no other", async () => {
    const made = await make("CertificateAuthority", { ...own, given: keyed(given) });
    const second = await change(made, { ...own, given: keyed(other) });
    expect(second).toMatchObject({ certificate: other.certificate, former: given.certificate });
    const renewed = await renewAuthority(other, { years: 9, now: start });
    const third = await change(second, { ...own, given: keyed(renewed) });
    expect(third).toMatchObject({ certificate: renewed.certificate, former: given.certificate });
  });

  it("is renewed with its name and key when it is near its end, so that all trust what it signs", async () => {
    const made = await make("CertificateAuthority", own);
    const daysToEnd = (Date.parse("2036-06-01T12:00:00Z") - start.getTime()) / DAY;
    expect(await preview("CertificateAuthority", made, daysToEnd - 31)).toEqual({
      changes: false,
      lines: [],
    });
    expect(await preview("CertificateAuthority", made, daysToEnd - 20)).toEqual({
      changes: true,
      lines: [
        "info: CA of orders: expires on 2036-06-01, in 20 days; this update renews it, and nothing is replaced",
      ],
    });
    const { provider } = later(daysToEnd - 20);
    const renewed = asProperties(
      (await provider.update?.("1", urn("CertificateAuthority"), made, own))?.outs,
    );
    expect(renewed["expires"]).toBe("2046-05-12T12:00:00.000Z");
    const [old, now] = [made, renewed].map((one) => new X509Certificate(String(one["certificate"])));
    const leafOf = async (authority: Properties) =>
      new X509Certificate(
        String((await make("Certificate", await leafInputs(authority), daysToEnd - 20))["certificate"]),
      );
    for (const leaf of [await leafOf(made), await leafOf(renewed)]) {
      for (const ca of [old, now]) {
        expect(ca && leaf.checkIssued(ca) && leaf.verify(ca.publicKey)).toBe(true);
      }
    }
  });

  it("hands a given one on, with its key as a secret", async () => {
    const made = await make("CertificateAuthority", { ...own, given: keyed(given) });
    expect(made).toMatchObject({ certificate: given.certificate, expires: "2028-06-01T12:00:00.000Z" });
    expect(made["privateKey"]).toEqual(secret(given.privateKey));
  });

  it("refuses in a preview, before anything is made, a given one that has expired or has another's key", async () => {
    const ask = async (days: number, ca: Properties) => {
      const { provider } = later(days);
      return (await provider.check?.(urn("CertificateAuthority"), {}, { ...own, given: secret(ca) }))
        ?.failures;
    };
    const { certificate, privateKey } = given;
    expect(await ask(0, { certificate, privateKey })).toEqual([]);
    expect(await ask(800, { certificate, privateKey })).toEqual([
      {
        property: "",
        reason: "the certificate of 'CN=company CA' expired on 2028-06-01: give one that is valid",
      },
    ]);
    expect(await ask(0, { certificate, privateKey: other.privateKey })).toEqual([
      {
        property: "",
        reason:
          "the private key is not that of the certificate of 'CN=company CA': give the certificate and the key of one CA",
      },
    ]);
  });

  it("is never named to the engine as the property at fault, which would print its value and so the key", async () => {
    const { certificate } = given;
    for (const ca of [
      secret({ certificate, privateKey: other.privateKey }),
      { certificate, privateKey: secret(other.privateKey) },
    ]) {
      const checked = await later(0).provider.check?.(urn("CertificateAuthority"), {}, { ...own, given: ca });
      expect(checked?.failures?.map(({ property }) => property)).toEqual([""]);
      expect(JSON.stringify(checked?.failures)).not.toContain("PRIVATE KEY");
    }
  });

  it("leaves to `up` what a preview cannot know", async () => {
    const news = { ...own, given: secret({ certificate: unknownValue, privateKey: unknownValue }) };
    expect(await later(0).provider.check?.(urn("CertificateAuthority"), {}, news)).toEqual({ inputs: news });
  });

  it("warns in a preview of a given one that is near its end, and never renews it", async () => {
    const inputs = { ...own, given: keyed(given) };
    const made = await make("CertificateAuthority", inputs);
    const days = (Date.parse("2028-06-01T12:00:00Z") - start.getTime()) / DAY - 20;
    const { provider, lines } = later(days);
    expect((await provider.check?.(urn("CertificateAuthority"), inputs, inputs))?.failures).toEqual([]);
    expect(lines).toEqual([
      "warning: the given CA expires on 2028-06-01, in 20 days, and every certificate with it. It is not renewed by itself: have its own certificate renewed with the same name and key, or take another CA, and give that",
    ]);
    expect(await preview("CertificateAuthority", made, days)).toEqual({ changes: false, lines: [] });
  });

  it("refuses a given CA in place of the cluster's own, and the other way round", async () => {
    const ask = async (olds: Properties, news: Properties) =>
      (await later(0).provider.check?.(urn("CertificateAuthority"), olds, news))?.failures;
    const [made, mine, others] = [own, { ...own, given: keyed(given) }, { ...own, given: keyed(other) }];
    const refusal = {
      property: "",
      reason:
        "a CA that is given cannot take the place of the cluster's own, nor the other way round: declare it as it was, or make a new cluster",
    };
    expect(await ask(made, made)).toEqual([]);
    expect(await ask(mine, mine)).toEqual([]);
    expect(await ask(made, mine)).toEqual([refusal]);
    expect(await ask(mine, made)).toEqual([{ ...refusal, property: "given" }]);
    expect(await ask(mine, others)).toEqual([]);
  });

  it("refuses another given CA where it is to stay, and takes the same one", async () => {
    const ask = async (ca: typeof given) => {
      const stay = { ...own, stays: true };
      const [olds, news] = [
        { ...stay, given: keyed(given) },
        { ...stay, given: keyed(ca) },
      ];
      return (await later(0).provider.check?.(urn("CertificateAuthority"), olds, news))?.failures;
    };
    expect(await ask(given)).toEqual([]);
    expect((await ask(other))?.map(({ reason }) => reason)).toEqual([
      "another CA is not yet available on AWS: give the one before, or that one with a renewed certificate",
    ]);
  });
});

describe("Certificate", () => {
  let state: Properties;

  beforeAll(async () => {
    state = await make("Certificate", await leafInputs(await make("CertificateAuthority", own)));
  });

  it("is issued for what is declared, and its key is a secret", () => {
    const certificate = new X509Certificate(String(state["certificate"]));
    expect(certificate.subjectAltName).toBe("DNS:orders-1, IP Address:10.9.0.11");
    expect(state).toMatchObject({
      expires: "2027-07-03T12:00:00.000Z",
      privateKey: hidden,
      authority: hidden,
    });
  });

  it.each([
    ["dnsNames", ["orders-1", "db.example.org"]],
    ["addresses", ["10.9.0.12"]],
    ["uses", ["server"]],
    ["days", 30],
    ["commonName", "orders-2"],
    ["authority", unknownValue],
  ])("is updated, not replaced, for other %s", async (key, value) => {
    const diff = await later(0).provider.diff?.("1", urn("Certificate"), state, { ...state, [key]: value });
    expect(diff).toEqual({ changes: true, replaces: [] });
  });

  it("gets another key and certificate at an update", async () => {
    const news = {
      ...(await leafInputs(await make("CertificateAuthority", own))),
      dnsNames: ["db.example.org"],
    };
    const updated = await later(0).provider.update?.("1", urn("Certificate"), state, news);
    const outs = asProperties(updated?.outs);
    expect(outs["privateKey"]).not.toEqual(state["privateKey"]);
    const { subjectAltName } = new X509Certificate(String(outs["certificate"]));
    expect(subjectAltName).toBe("DNS:db.example.org, IP Address:10.9.0.11");
  });

  it("is due by its age alone, and the preview says so", async () => {
    expect(await preview("Certificate", state, 397 - 31)).toEqual({ changes: false, lines: [] });
    expect(await preview("Certificate", state, 397 - 10)).toEqual({
      changes: true,
      lines: [
        "info: certificate of orders-1: expires on 2027-07-03, in 10 days; this update renews it, and nothing is replaced",
      ],
    });
  });

  it("is not due when its authority ends with it: a new one would end then as well", async () => {
    const late = 700;
    const last = await make("Certificate", await leafInputs({ ...given }), late);
    expect(last["expires"]).toBe("2028-06-01T12:00:00.000Z");
    expect(await preview("Certificate", last, late + 20)).toEqual({ changes: false, lines: [] });
  });
});
