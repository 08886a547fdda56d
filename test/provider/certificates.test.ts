import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expiryOf } from "../../actions/certificates/certificate-reading.ts";
import { describeExpiry, renewalDue } from "../../actions/certificates/certificate-renewal.ts";
import {
  type CertifiedKey,
  type Issued,
  issueCertificate,
  type LeafRequest,
  makeAuthority,
} from "../../actions/certificates/certificates.ts";
import { checkGivenAuthority } from "../../actions/certificates/given-authority.ts";

const now = new Date("2026-06-01T12:00:00.500Z");
const DAY = 24 * 60 * 60_000;
const hasOpenssl = existsSync("/usr/bin/openssl");

let authority: Issued;
let folder: string;

beforeAll(async () => {
  authority = await makeAuthority({ commonName: "orders CA", years: 10, now });
  folder = await mkdtemp(join(tmpdir(), "pulumi-spilo-certificates-"));
});

afterAll(() => rm(folder, { recursive: true }));

function leaf(request: Partial<LeafRequest> = {}): Promise<Issued> {
  return issueCertificate({
    authority,
    commonName: "orders-1",
    dnsNames: ["orders-1", "db.example.org"],
    addresses: ["10.9.0.11", "fd00::11"],
    uses: ["server", "client"],
    days: 397,
    now,
    ...request,
  });
}

/** Runs it in the tests' folder; `options` are parted at blanks. */
async function openssl(options: string, ...others: string[]): Promise<string> {
  const { stdout } = await execa("openssl", [...options.split(" "), ...others], { cwd: folder });
  return stdout;
}

async function keep(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
}

describe("a CA that was made", () => {
  it("is a CA that signed for itself, and lives for the years asked for", async () => {
    const certificate = new X509Certificate(authority.certificate);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe("CN=orders CA");
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(authority.expires).toEqual(new Date("2036-06-01T12:00:00Z"));
    expect(await checkGivenAuthority(authority.certificate, authority.privateKey, now)).toEqual([]);
  });

  it("keeps a key of ECDSA P-256 as PKCS#8", () => {
    expect(authority.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(createPrivateKey(authority.privateKey).asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  });

  it("lives past the year 2050, when certificates write dates in another way", async () => {
    const late = await makeAuthority({ commonName: "late CA", years: 30, now });
    expect(expiryOf(late.certificate)).toEqual(new Date("2056-06-01T12:00:00Z"));
  });
});

describe("a certificate that was issued", () => {
  it("is signed by the CA, belongs to its key, and began a few minutes ago", async () => {
    const made = await leaf();
    const certificate = new X509Certificate(made.certificate);
    const ca = new X509Certificate(authority.certificate);
    expect(certificate.checkIssued(ca)).toBe(true);
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(made.privateKey))).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(new Date(certificate.validFrom)).toEqual(new Date("2026-06-01T11:55:00Z"));
    expect(new Date(certificate.validTo)).toEqual(new Date("2027-07-03T12:00:00Z"));
    expect(made.expires).toEqual(new Date(certificate.validTo));
  });

  it("is valid for the uses asked for and no others", async () => {
    const usesOf = async (uses: LeafRequest["uses"]) =>
      new X509Certificate((await leaf({ uses })).certificate).keyUsage;
    const [server, client] = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
    expect(await usesOf(["server"])).toEqual([server]);
    expect(await usesOf(["client"])).toEqual([client]);
    expect(await usesOf(["server", "client"])).toEqual([server, client]);
  });

  it("has a random, positive serial number of 128 bits", async () => {
    const made = await Promise.all(Array.from({ length: 32 }, () => leaf()));
    const serials = made.map(({ certificate }) =>
      BigInt(`0x${new X509Certificate(certificate).serialNumber}`),
    );
    expect(new Set(serials).size).toBe(serials.length);
    expect(serials.every((serial) => serial > 0n && serial < 2n ** 128n)).toBe(true);
    // Of 32 random ones, all below half the range would be one chance in four thousand million.
    expect(serials.some((serial) => serial >= 2n ** 127n)).toBe(true);
  });

  it("is valid for exactly the names and addresses asked for", async () => {
    const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
    const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const lists = fc.record({
      dnsNames: fc.uniqueArray(name, { maxLength: 4 }),
      addresses: fc.uniqueArray(address, { maxLength: 4 }),
      otherName: name,
      otherAddress: fc.ipV4(),
    });
    await fc.assert(
      fc.asyncProperty(lists, async ({ dnsNames, addresses, otherName, otherAddress }) => {
        const made = new X509Certificate((await leaf({ dnsNames, addresses })).certificate);
        const takesName = (one: string) => made.checkHost(one, { subject: "never" }) !== undefined;
        const takesAddress = (one: string) => made.checkIP(one) !== undefined;
        expect(dnsNames.filter(takesName)).toEqual(dnsNames);
        expect(addresses.filter(takesAddress)).toEqual(addresses);
        expect(takesName(otherName)).toBe(dnsNames.includes(otherName));
        expect(takesAddress(otherAddress)).toBe(addresses.some((one) => one === otherAddress));
      }),
      { numRuns: 60 },
    );
  });

  it("does not outlive its CA", async () => {
    const last = new Date(authority.expires.getTime() - 20 * DAY);
    expect((await leaf({ now: last })).expires).toEqual(authority.expires);
    await expect(leaf({ now: authority.expires })).rejects.toThrow(
      "certificate of orders-1: its CA expired on 2036-06-01: whatever it signs is worth nothing",
    );
  });

  it.each([
    [{ dnsNames: ["bücher.example"] }, "'bücher.example' is not a name in DNS"],
    [{ dnsNames: [""] }, "'' is not a name in DNS"],
    [{ addresses: ["10.9.0"] }, "'10.9.0' is not an address of IPv4 or IPv6"],
  ])("is refused for what cannot stand in one: %o", async (request, reason) => {
    await expect(leaf(request)).rejects.toThrow(`certificate of orders-1: ${reason}`);
  });
});

describe.runIf(hasOpenssl)("the openssl program", () => {
  /** A CA with a name in several parts and encodings, as others make them. */
  async function foreign(file: string, options: string): Promise<CertifiedKey> {
    const subject = [
      "-subj",
      `/C=AT/O=Bücher & Söhne/CN=${file}`,
      "-addext",
      "keyUsage=critical,keyCertSign,cRLSign",
    ];
    const output = ["-keyout", `${file}.key`, "-out", `${file}.crt`];
    await openssl(`req -x509 -utf8 -nodes -days 30 -newkey ${options}`, ...subject, ...output);
    return {
      certificate: await openssl(`x509 -in ${file}.crt`),
      privateKey: await openssl(`pkey -in ${file}.key`),
    };
  }

  it("verifies a certificate for its names, uses and addresses, by the strictest rules", async () => {
    const today = new Date();
    const own = await makeAuthority({ commonName: "own CA", years: 10, now: today });
    await keep("own.crt", own.certificate);
    await keep("leaf.crt", (await leaf({ authority: own, now: today })).certificate);
    const verify = (options: string) => openssl(`verify -x509_strict -CAfile own.crt ${options} leaf.crt`);
    expect(await verify("-purpose sslserver -verify_hostname db.example.org")).toMatch(/: OK$/);
    expect(await verify("-purpose sslclient -verify_ip fd00::11")).toMatch(/: OK$/);
    await expect(verify("-verify_hostname other.example.org")).rejects.toThrow(/[Hh]ostname mismatch/);
    await expect(verify("-verify_ip 10.9.0.12")).rejects.toThrow(/IP address mismatch/);
  });

  it("finds the constraints and usages marked as critical", async () => {
    await keep("critical.crt", (await leaf()).certificate);
    const text = await openssl("x509 -in critical.crt -noout -text");
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Authority Key Identifier/);
    expect(text).toMatch(/Signature Algorithm: ecdsa-with-SHA256/);
  });

  it.each([
    ["p384", "ec -pkeyopt ec_paramgen_curve:P-384"],
    ["rsa", "rsa:2048"],
  ])(
    "verifies what a given CA with another key (%s) signed, its name byte for byte",
    async (file, options) => {
      const given = await foreign(file, options);
      const today = new Date();
      expect(await checkGivenAuthority(given.certificate, given.privateKey, today)).toEqual([]);
      await keep(`by-${file}.crt`, (await leaf({ authority: given, now: today })).certificate);
      expect(await openssl(`verify -x509_strict -CAfile ${file}.crt by-${file}.crt`)).toMatch(/: OK$/);
      const encoded = async (of: string, field: string) => {
        const lines = await openssl(
          `x509 -in ${of}.crt -noout -${field} -nameopt show_type,sep_multiline,utf8`,
        );
        return lines.split("\n").slice(1);
      };
      expect(await encoded(`by-${file}`, "issuer")).toEqual(await encoded(file, "subject"));
    },
  );

  it("verifies what a CA signed that is itself signed by a root, when both are given", async () => {
    const root = await foreign("root", "ec -pkeyopt ec_paramgen_curve:P-256");
    const extensions = [
      "basicConstraints=critical,CA:TRUE",
      "keyUsage=critical,keyCertSign",
      "subjectKeyIdentifier=hash",
    ];
    await keep("middle.ext", extensions.join("\n"));
    await openssl("req -new -nodes -newkey rsa:2048 -subj /CN=middle -keyout middle.key -out middle.csr");
    const signing = "-CA root.crt -CAkey root.key -days 20 -extfile middle.ext";
    const middle = await openssl(`x509 -req -in middle.csr ${signing}`);
    const privateKey = await openssl("pkey -in middle.key");
    const today = new Date();
    const both = `${middle}\n${root.certificate}`;
    expect(await checkGivenAuthority(both, privateKey, today)).toEqual([]);
    expect(await checkGivenAuthority(middle, privateKey, today)).toEqual([
      "the certificate of 'CN=middle' is not signed by itself: put the certificate of its issuer (C=AT, O=Bücher & Söhne, CN=root) behind it, and so on up to a root",
    ]);
    const made = await leaf({ authority: { certificate: both, privateKey }, now: today });
    await keep("both.crt", both);
    await keep("by-middle.crt", made.certificate);
    expect(await openssl("verify -x509_strict -CAfile both.crt by-middle.crt")).toMatch(/: OK$/);
  });

  it("makes a CA that strict programs do not trust, which is refused", async () => {
    await openssl("req -x509 -nodes -newkey rsa:2048 -subj /CN=loose -keyout loose.key -out loose.crt");
    const loose = await openssl("x509 -in loose.crt");
    expect(await checkGivenAuthority(loose, undefined, new Date())).toEqual([
      "the certificate of 'CN=loose' lacks keyUsage: give a CA that has it, for strict programs do not trust one without",
    ]);
  });

  it("makes keys that are refused: of another kind, too short, with a passphrase", async () => {
    const other = await foreign("ed", "ed25519");
    const short = await foreign("short", "rsa:1024");
    const today = new Date();
    const kinds = "give a CA with a key of ECDSA (P-256, P-384, P-521) or RSA of 2048 bits or more";
    expect(await checkGivenAuthority(other.certificate, other.privateKey, today)).toEqual([
      `the CA's private key is ed25519: ${kinds}`,
    ]);
    expect(await checkGivenAuthority(short.certificate, short.privateKey, today)).toEqual([
      `the CA's private key is rsa: ${kinds}`,
    ]);
    const closed = await openssl("pkey -in short.key -aes256 -passout pass:secret");
    expect(await checkGivenAuthority(short.certificate, closed, today)).toEqual([
      "the CA's private key cannot be read: give it as PEM without a passphrase (openssl pkey -in ca.key -out plain.key)",
    ]);
  });
});

describe("a CA that is given", () => {
  it("is refused when it is no CA, with everything that is wrong", async () => {
    const made = await leaf();
    const issues = await checkGivenAuthority(made.certificate, authority.privateKey, now);
    expect(issues).toEqual([
      "the certificate of 'CN=orders-1' is not that of a CA (CA:TRUE in basicConstraints, and keyCertSign in keyUsage): give the certificate that signs others",
      "the certificate of 'CN=orders-1' is not signed by itself: put the certificate of its issuer (CN=orders CA) behind it, and so on up to a root",
      "the private key is not that of the certificate of 'CN=orders-1': give the certificate and the key of one CA",
    ]);
  });

  it("is refused before and after its time, with the date", async () => {
    expect(await checkGivenAuthority(authority.certificate, undefined, authority.expires)).toEqual([
      "the certificate of 'CN=orders CA' expired on 2036-06-01: give one that is valid",
    ]);
    expect(await checkGivenAuthority(authority.certificate, undefined, new Date("2026-05-01"))).toEqual([
      "the certificate of 'CN=orders CA' is valid only from 2026-06-01: give one that is valid now",
    ]);
  });

  it("is refused with another CA's key", async () => {
    const other = await makeAuthority({ commonName: "other CA", years: 1, now });
    expect(await checkGivenAuthority(authority.certificate, other.privateKey, now)).toEqual([
      "the private key is not that of the certificate of 'CN=orders CA': give the certificate and the key of one CA",
    ]);
  });

  it.each([
    ["ca.crt", "there is no certificate in PEM form (-----BEGIN CERTIFICATE-----)"],
    ["-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "a certificate cannot be read"],
  ])("is refused when it is no certificate: %s", async (text, reason) => {
    const [issue, ...others] = await checkGivenAuthority(text, undefined, now);
    expect(issue).toContain(reason);
    expect(issue).toContain("give the CA's certificate as PEM");
    expect(others).toEqual([]);
  });
});

describe("renewal", () => {
  const due = (days: number, left: number) =>
    renewalDue({ expires: new Date(now.getTime() + left * DAY), days, now });

  it("is due with less than 30 days left, or a third of a life that is shorter than 90 days", () => {
    expect([due(397, 30), due(397, 29.9), due(397, 0), due(397, -5)]).toEqual([false, true, true, true]);
    expect([due(30, 10), due(30, 9.9)]).toEqual([false, true]);
    expect([due(1, 0.34), due(1, 0.33)]).toEqual([false, true]);
  });

  it("is never due right after one", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 397 }), (days) => !due(days, days)));
  });

  it.each([
    [10.5, "expires on 2026-06-12, in 10 days"],
    [1.2, "expires on 2026-06-02, in 1 day"],
    [0.2, "expires on 2026-06-01, in less than a day"],
    [-3.1, "expired on 2026-05-29, 3 days ago"],
  ])("%d days before the end says when that is", (left, sentence) => {
    expect(describeExpiry(new Date(now.getTime() + left * DAY), now)).toBe(sentence);
  });
});
