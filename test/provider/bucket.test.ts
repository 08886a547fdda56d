import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { objectStore } from "../../actions/object-store.ts";
import { bucket } from "../../provider/kinds/bucket.ts";
import { FakeS3 } from "./fake-s3.ts";
import { authority, certified, mutual, otherAuthority } from "./test-access.ts";

let s3: FakeS3;

beforeEach(async () => {
  s3 = await new FakeS3().start();
});

afterEach(() => s3.stop());

function inputs(ownServer: boolean, endpoint = s3.url) {
  const key = { accessKey: "key", secretKey: "hidden" };
  return { endpoint, ca: authority.certificate, region: "us-east-1", name: "walls", ...key, ownServer };
}

function context() {
  const lines: string[] = [];
  return { report: (line: string) => lines.push(line), signal: new AbortController().signal, lines };
}

describe("a bucket", () => {
  it("is made", async () => {
    s3.answers.set("PUT /walls", { status: 200 });
    expect(await bucket.create(inputs(true), context())).toEqual({ id: "walls", outputs: {} });
    expect(s3.asked).toEqual(["PUT /walls"]);
  });

  it("is taken over when it is there and ours", async () => {
    s3.fail("PUT /walls", 409, "BucketAlreadyOwnedByYou");
    await expect(bucket.create(inputs(true), context())).resolves.toMatchObject({ id: "walls" });
  });

  it("is waited for while the server starts", async () => {
    s3.fail("PUT /walls", 503, "XMinioServerNotInitialized");
    setTimeout(() => s3.answers.set("PUT /walls", { status: 200 }), 300);
    await expect(bucket.create(inputs(true), context())).resolves.toMatchObject({ id: "walls" });
    expect(s3.asked.length).toBeGreaterThan(1);
  });

  it("is an error at once when the server refuses", async () => {
    s3.fail("PUT /walls", 403, "InvalidAccessKeyId");
    await expect(bucket.create(inputs(false), context())).rejects.toThrow(
      /bucket walls at https:\/\/127\.0\.0\.1:\d+: InvalidAccessKeyId/,
    );
    expect(s3.asked).toHaveLength(1);
  });

  it("is made at another endpoint, and left alone at the former one", async () => {
    s3.answers.set("PUT /walls", { status: 200 });
    const former = inputs(false, "https://127.0.0.1:9");
    expect(await bucket.update?.(former, inputs(false), context())).toEqual({});
    expect(s3.asked).toEqual(["PUT /walls"]);
  });

  it("is not asked for when something else of it changes", async () => {
    const other = { ...inputs(false), secretKey: "another" };
    expect(await bucket.update?.(inputs(false), other, context())).toEqual({});
    expect(s3.asked).toEqual([]);
  });

  it("stays where it is when the stack's own server goes", async () => {
    await bucket.delete?.(inputs(true), context());
    expect(s3.asked).toEqual([]);
  });

  it("is removed elsewhere when it is empty", async () => {
    s3.answers.set("DELETE /walls", { status: 204 });
    const { lines, ...rest } = context();
    await bucket.delete?.(inputs(false), rest);
    expect(s3.asked).toEqual(["DELETE /walls"]);
    expect(lines).toEqual([]);
  });

  it("is left elsewhere when it holds backups, and that is said", async () => {
    s3.fail("DELETE /walls", 409, "BucketNotEmpty");
    const { lines, ...rest } = context();
    await bucket.delete?.(inputs(false), rest);
    expect(lines).toEqual([`the bucket walls at ${s3.url} holds backups and is left`]);
  });

  it("does not hold a destruction up when nobody answers", async () => {
    const { lines, ...rest } = context();
    await bucket.delete?.(inputs(false, "https://127.0.0.1:9"), rest);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^the bucket walls is left: .*127\.0\.0\.1:9/);
  });
});

describe("an S3 server whose certificate is no good is an error at once", () => {
  let other: FakeS3;

  afterEach(() => other.stop());

  async function failureAt(server: FakeS3, ca?: string): Promise<string> {
    other = await server.start();
    const { ca: _own, ...wanted } = inputs(false, other.url);
    const failure = bucket.create(ca === undefined ? wanted : { ...wanted, ca }, context());
    return failure.then(() => "it was taken").catch(String);
  }

  it("as it is of nobody that everybody knows", async () => {
    expect(await failureAt(new FakeS3())).toMatch(
      /is not signed by the CA that is trusted here: set backup\.ca to the certificate of the CA that signed it/,
    );
  });

  it("as it is of another CA than the one that is given", async () => {
    expect(await failureAt(new FakeS3(), otherAuthority.certificate)).toMatch(
      /is not signed by the CA that is trusted here: check backup\.ca/,
    );
  });

  it("as it has expired", async () => {
    const expired = new FakeS3(mutual(await certified({ age: 30 })));
    expect(await failureAt(expired, authority.certificate)).toMatch(
      /the certificate of 127\.0\.0\.1:\d+ expired on \d{4}-\d{2}-\d{2}/,
    );
  });
});

describe("objects", () => {
  it("are listed page by page with their sizes", async () => {
    const object = (key: string, size: number) =>
      `<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`;
    const body = `<ListBucketResult><IsTruncated>false</IsTruncated>${object("a/1", 5)}${object("a/2", 7)}</ListBucketResult>`;
    s3.answers.set("GET /walls", { status: 200, body });
    const store = await objectStore(inputs(false));
    expect(await store.list("walls", "a/")).toEqual([
      { key: "a/1", sizeBytes: 5 },
      { key: "a/2", sizeBytes: 7 },
    ]);
    store.close();
  });

  it("are asked for with the key that is given, and without one by whoever this runs as", async () => {
    s3.answers.set("GET /walls", { status: 200, body: "<ListBucketResult></ListBucketResult>" });
    vi.stubEnv("AWS_ACCESS_KEY_ID", "of-the-user").stubEnv("AWS_SECRET_ACCESS_KEY", "hidden");
    for (const accessKey of ["key", ""]) {
      const store = await objectStore({ ...inputs(false), accessKey });
      await store.list("walls", "a/");
      store.close();
    }
    vi.unstubAllEnvs();
    expect(s3.keys).toEqual(["key", "of-the-user"]);
  });
});
