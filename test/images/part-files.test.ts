import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  changePartFiles,
  digestOf,
  type PartVolume,
  readPartFiles,
  writePartFiles,
} from "../../actions/engine/part-files.ts";
import { docker, ready } from "./stage.ts";

const engine = "unix:///var/run/docker.sock";
const volume = `psimg-files-${randomBytes(3).toString("hex")}`;
const reader = `${volume}-reader`;
const tls = {
  "tls.crt": { content: "the certificate\n", mode: 0o644 },
  "tls.key": { content: "the key\n", mode: 0o600 },
};

let place: PartVolume;

beforeAll(async () => {
  place = { engine, image: await ready("etcd"), volume };
  await docker(["volume", "create", volume]);
}, 300_000);

afterAll(async () => {
  await execa("docker", ["rm", "--force", "--volumes", reader], { reject: false });
  await docker(["volume", "rm", volume]);
});

/** What a shell in a container of the image says, with the volume where parts have it. */
async function inContainer(script: string): Promise<string[]> {
  const mount = ["--volume", `${volume}:/etc/identity:ro`];
  return (await docker(["run", "--rm", ...mount, place.image, "sh", "-c", script])).split("\n");
}

/** Containers that were only made for a moment. */
function helpers(): Promise<string> {
  const filters = ["--filter", "label=pulumi-spilo.part=helper", "--filter", `volume=${volume}`];
  return docker(["ps", "--all", "--quiet", ...filters]);
}

describe("files of a part", () => {
  test("belong to a user of its image, have their modes, and leave nothing else behind", async () => {
    await writePartFiles(place, "www-data", tls);
    expect(await inContainer("cd /etc/identity && stat -c '%n %a %U %G' * && cat *")).toEqual([
      "tls.crt 644 www-data www-data",
      "tls.key 600 www-data www-data",
      "the certificate",
      "the key",
    ]);
    expect(await helpers()).toBe("");
  });

  test("are written beside a running container that may only read them; others stay", async () => {
    const mount = ["--volume", `${volume}:/etc/identity:ro`];
    await docker(["run", "--detach", "--name", reader, ...mount, place.image, "sleep", "600"]);
    await writePartFiles(place, "root", { "tls.crt": { content: "a later one\n", mode: 0o644 } });
    const seen = await docker([
      "exec",
      reader,
      "sh",
      "-c",
      "cat /etc/identity/tls.crt /etc/identity/tls.key",
    ]);
    expect(seen).toBe("a later one\nthe key");
    await expect(docker(["exec", reader, "touch", "/etc/identity/tls.crt"])).rejects.toThrow("Read-only");
  });

  test("are known again by their digests", async () => {
    await writePartFiles(place, "root", tls);
    expect(await readPartFiles(place)).toEqual({
      "tls.crt": digestOf("the certificate\n", 0o644),
      "tls.key": digestOf("the key\n", 0o600),
    });
  });

  test("are rewritten by what stands in them, and keep whose they are", async () => {
    await writePartFiles(place, "www-data", tls);
    const changed = await changePartFiles(place, (found) => ({
      "tls.crt": found["tls.crt"] ?? "",
      "tls.key": `${found["tls.key"]}and another\n`,
      "never-there": "made by nobody",
    }));
    expect(changed).toEqual(["tls.key"]);
    expect(await inContainer("cd /etc/identity && stat -c '%n %a %U' * && cat tls.key")).toEqual([
      "tls.crt 644 www-data",
      "tls.key 600 www-data",
      "the key",
      "and another",
    ]);
    expect(await changePartFiles({ ...place, volume: `${volume}-missing` }, () => ({}))).toBeUndefined();
    expect(await helpers()).toBe("");
  });

  test("are not known where there is no volume, and none is made", async () => {
    const missing = { ...place, volume: `${volume}-missing` };
    expect(await readPartFiles(missing)).toBeUndefined();
    await expect(writePartFiles(missing, "root", tls)).rejects.toThrow(
      `the volume ${volume}-missing is not on its engine: run \`pulumi up --refresh\``,
    );
    await expect(docker(["volume", "inspect", missing.volume])).rejects.toThrow(/no such volume/i);
  });

  test("cannot be given to somebody whom the image does not know", async () => {
    await expect(writePartFiles(place, "nobody-here", tls)).rejects.toThrow(
      "has no user 'nobody-here' in /etc/passwd",
    );
    expect(await helpers()).toBe("");
  });

  test("an engine that does not answer is told from one that refuses", async () => {
    const nobody = { ...place, engine: "unix:///run/no-engine.sock" };
    await expect(readPartFiles(nobody)).rejects.toMatchObject({ code: "unreachable" });
    const unknown = { ...place, image: "pulumi-spilo/never-built:0" };
    await expect(readPartFiles(unknown)).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining(`the volume ${volume} at ${engine}: `),
    });
  });
});
