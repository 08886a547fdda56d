import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answers } from "./cluster-of-one.ts";
import { docker, environment, eventually, makeStage, ready, type Stage } from "./stage.ts";

let stage: Stage;

beforeAll(async () => {
  stage = await makeStage("other");
}, 30_000);

afterAll(async () => {
  await stage?.remove();
  await execa("docker", ["volume", "rm", "--force", stage.nameOf("data")], { reject: false });
});

test("etcd and etcdctl are at the official image's paths", async () => {
  const script = "/usr/local/bin/etcd --version && /usr/local/bin/etcdctl version";
  const versions = await docker(["run", "--rm", await ready("etcd"), "sh", "-c", script]);
  expect(versions).toMatch(/etcd Version: 3\.5/);
  expect(versions).toMatch(/etcdctl version: 3\.5/);
}, 300_000);

test("the proxy has HAProxy 3.0 and keepalived", async () => {
  const versions = await docker([
    "run",
    "--rm",
    await ready("proxy"),
    "sh",
    "-c",
    "haproxy -v; keepalived -v 2>&1",
  ]);
  expect(versions).toMatch(/HAProxy version 3\.0/);
  expect(versions).toMatch(/Keepalived v2/);
}, 300_000);

test("the S3 server runs without root, and what it stored outlives the container", async () => {
  const image = await ready("s3");
  const options = [
    ...["--volume", `${stage.nameOf("data")}:/data`],
    ...environment({ MINIO_ROOT_USER: "tester", MINIO_ROOT_PASSWORD: "not-a-secret" }),
  ];
  const serve = async (part: string) => {
    const address = await stage.start(part, image, options);
    await eventually("the S3 server answers", 15_000, () =>
      answers(`http://${address}:9000/minio/health/live`),
    );
  };
  await serve("first");
  const inside = (part: string, command: string) => docker(["exec", stage.nameOf(part), "sh", "-c", command]);
  expect(await inside("first", "id -u; mkdir /data/bucket; ls /data")).toBe("1000\nbucket");
  await docker(["rm", "--force", stage.nameOf("first")]);
  await serve("second");
  expect(await inside("second", "ls /data")).toBe("bucket");
}, 300_000);
