import { describe, expect, it } from "vitest";
import { differing, ofType, openTexts, type Recorded, record } from "./recorder.ts";

const trusted = "spilo:index:Trusted";
const distrusted = "spilo:index:Distrusted";

/** Of one of these two, what is told to which part. */
function partsOf(resources: readonly Recorded[], type: string): readonly Record<string, unknown>[] {
  const [inputs] = ofType(resources, type).values();
  const parts = inputs?.["parts"];
  return Array.isArray(parts) ? parts : [];
}

describe("the authority of a cluster", () => {
  it("is told to all parts that want to see a certificate, before it signs one", async () => {
    const { resources } = await record({ name: "orders", members: 2 });
    const told = partsOf(resources, trusted).map(({ part, reads, volume }) => [part, reads, volume]);
    expect(told.sort()).toEqual([
      ["orders-1", "certificate", "orders-1-identity-1a2b3c4d"],
      ["orders-2", "certificate", "orders-2-identity-1a2b3c4d"],
      ["orders-etcd-1", "start", "orders-etcd-1-identity-1a2b3c4d"],
      ["orders-etcd-2", "start", "orders-etcd-2-identity-1a2b3c4d"],
      ["orders-etcd-3", "start", "orders-etcd-3-identity-1a2b3c4d"],
      ["orders-proxy-1", "reload", "orders-proxy-1-identity-1a2b3c4d"],
      ["orders-proxy-2", "reload", "orders-proxy-2-identity-1a2b3c4d"],
    ]);
    const signed = resources.filter(({ type }) => type === "spilo:index:Certificate");
    expect(signed.length).toBeGreaterThan(8);
    for (const { after } of signed) expect(after).toContain("orders-trusted");
  });

  it("is trusted alone at the end, when each has its files, of which nothing is shown", async () => {
    const { resources } = await record({ name: "orders", members: 2 });
    const [told, files] = [partsOf(resources, trusted), partsOf(resources, distrusted)];
    expect(files.map(({ files: _, ...rest }) => rest)).toEqual(told);
    const [first] = files;
    expect(Object.keys(Object(first?.["files"]))).toEqual(["ca.crt", "tls.crt", "tls.key"]);
    const texts = resources
      .filter(({ type }) => [trusted, distrusted].includes(type))
      .flatMap(({ inputs }) => openTexts(inputs));
    expect(texts.join()).not.toMatch(/PRIVATE KEY|private-key-of/);
    expect(openTexts(resources.find(({ type }) => type === distrusted)?.inputs)).toEqual(["orders"]);
  });

  it("is raised by a generation without another input anywhere: all the rest follows from what it signs", async () => {
    const before = await record({ name: "orders" });
    const after = await record({ name: "orders", rotation: { authority: 2 } });
    expect(differing(before.resources, after.resources)).toEqual([
      "spilo:index:CertificateAuthority orders-authority",
    ]);
  });

  it("has signed for all, and all have taken it, before anybody acts on a part", async () => {
    const { resources } = await record({ name: "orders", members: 1 });
    const places = (type: string) => resources.flatMap((one, index) => (one.type === type ? [index] : []));
    const taken = places("spilo:index:Identity");
    expect(taken).toHaveLength(7);
    for (const type of ["EtcdAccess", "DynamicSettings", "Turn", "Readiness", "Roles", "FirstBackup"]) {
      expect(Math.min(...places(`spilo:index:${type}`))).toBeGreaterThan(Math.max(...taken));
    }
  });
});
