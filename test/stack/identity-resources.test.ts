import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it } from "vitest";
import { Certificate } from "../../components/resources/certificate.ts";
import { CertificateAuthority } from "../../components/resources/certificate-authority.ts";
import { Identity } from "../../components/resources/identity.ts";
import { openTexts } from "./recorder.ts";

const key = "-----BEGIN PRIVATE KEY-----";

let registered: Record<string, Readonly<Record<string, unknown>>>;

beforeEach(async () => {
  registered = {};
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ type, name, inputs }) => {
      registered[type] = inputs;
      return { id: name, state: inputs };
    },
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(mocks, "pulumi-spilo", "dev", false);
});

/** What the engine may show of a resource's inputs, once all are registered. */
async function shownOf(type: string): Promise<string[]> {
  await pulumi.runtime.disconnect();
  return openTexts(registered[`spilo:index:${type}`]);
}

it("of a given CA nothing is shown, not even when its key came as plain text", async () => {
  new CertificateAuthority("ca", { cluster: "orders", given: { certificate: "given", privateKey: key } });
  expect(await shownOf("CertificateAuthority")).toEqual(["orders"]);
  expect(registered["spilo:index:CertificateAuthority"]).toMatchObject({ generation: 1, years: 10 });
});

it("of the CA that signs a certificate nothing is shown", async () => {
  const names = { commonName: "orders-1", dnsNames: ["orders.example.org"], addresses: ["10.9.0.11"] };
  const authority = { certificate: "given", privateKey: key };
  new Certificate("leaf", { authority, ...names, uses: ["server"], days: 397 });
  expect((await shownOf("Certificate")).sort()).toEqual([
    "10.9.0.11",
    "orders-1",
    "orders.example.org",
    "server",
  ]);
});

it("of a part's files nothing is shown, not even their names", async () => {
  new Identity("files", {
    part: "orders-1",
    engine: "unix:///var/run/docker.sock",
    image: "spilo",
    volume: "orders-1-identity",
    owner: "postgres",
    files: { "tls.key": { content: key, mode: 0o600 } },
    served: [],
  });
  expect((await shownOf("Identity")).sort()).toEqual([
    "orders-1",
    "orders-1-identity",
    "postgres",
    "spilo",
    "unix:///var/run/docker.sock",
  ]);
});
