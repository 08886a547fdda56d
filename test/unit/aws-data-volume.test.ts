import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";

let folder: string;
const at = (...names: readonly string[]) => join(folder, ...names);
const owner = "orders-1-a of orders, 1a2b3c4d";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "spilo-volume-"));
  for (const name of ["lib", "bin", "mount"]) mkdirSync(at(name));
  copyFileSync(join(root, "templates", "aws", "data-volume.sh"), at("lib", "data-volume"));
  chmodSync(at("lib", "data-volume"), 0o755);
  const told = { PART: "orders-1-a", OWNER: owner, VOLUME: "vol-0a1b", MARK: "volumes/vol-0a1b", WAIT: "1" };
  const known = Object.entries({ ...told, MOUNT: at("mount") }).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(at("node.env"), known.join("\n"));
  program("bin/lsblk", `cat ${at("disks")}`);
  program(
    "bin/blkid",
    `[[ -e ${at("type")} ]] || exit 2; cat ${at("type")}; exit "$(cat ${at("blkid-code")} 2>/dev/null || echo 0)"`,
  );
  program("bin/mkfs.ext4", `echo ext4 >${at("type")}`);
  program("bin/mountpoint", `[[ -e ${at("mounted")} ]]`);
  program("bin/mount", `touch ${at("mounted")}`);
  program("bin/umount", `rm ${at("mounted")}`);
  program("bin/resize2fs", "");
  program(
    "lib/aws-call",
    `[[ $1 == marked ]] && exit "$(cat ${at("marked")})"; exit "$(cat ${at("mark-code")} 2>/dev/null || echo 0)"`,
  );
  disks("/dev/nvme0n1 vol0root", "/dev/nvme1n1 vol0other", "/dev/nvme2n1 vol0a1b");
  isNew();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Notes each call of it but those that look only. */
function program(path: string, does: string): void {
  const name = path.split("/")[1] ?? "";
  const looks = ["lsblk", "blkid", "mountpoint"].includes(name);
  const notes = looks ? "" : `echo "${name} $*" >>${at("did")}\n`;
  writeFileSync(at(path), `#!/bin/bash\n${notes}${does}\n`, { mode: 0o755 });
}

const disks = (...lines: readonly string[]) => writeFileSync(at("disks"), `${lines.join("\n")}\n`);
const holds = (type: string) => writeFileSync(at("type"), `${type}\n`);
const isNew = () => writeFileSync(at("marked"), "1");
const isUsed = () => writeFileSync(at("marked"), "0");
const isUnknown = () => writeFileSync(at("marked"), "2");
const did = () => (existsSync(at("did")) ? readFileSync(at("did"), "utf8").trim().split("\n") : []);

function run() {
  const env = {
    ...process.env,
    PATH: `${at("bin")}:${process.env["PATH"]}`,
    PULUMI_SPILO_NODE: at("node.env"),
  };
  const { status, stderr } = spawnSync(at("lib", "data-volume"), [], { env, encoding: "utf8" });
  return { status, stderr };
}

/** As a machine before this one has left it. */
function alreadyOurs(): void {
  holds("ext4");
  writeFileSync(at("mount", ".pulumi-spilo"), `${owner}\n`);
  writeFileSync(at("mount", ".pulumi-spilo.marked"), "");
}

describe("a data volume", () => {
  it("that is empty and new is formatted, mounted and marked as used", () => {
    expect(run()).toEqual({ status: 0, stderr: "" });
    expect(did()).toEqual([
      "aws-call marked volumes/vol-0a1b",
      "mkfs.ext4 -q -E lazy_itable_init=1 /dev/nvme2n1",
      `mount -o noatime /dev/nvme2n1 ${at("mount")}`,
      "aws-call marked volumes/vol-0a1b",
      "aws-call mark volumes/vol-0a1b",
      "resize2fs /dev/nvme2n1",
    ]);
    expect(readFileSync(at("mount", ".pulumi-spilo"), "utf8")).toBe(`${owner}\n`);
    expect(existsSync(at("mount", "data"))).toBe(true);
  });

  it("that is this part's is mounted and let grow, without a word to AWS", () => {
    alreadyOurs();
    expect(run()).toEqual({ status: 0, stderr: "" });
    expect(did()).toEqual([`mount -o noatime /dev/nvme2n1 ${at("mount")}`, "resize2fs /dev/nvme2n1"]);
  });

  it("that is mounted already is let grow, and no more", () => {
    alreadyOurs();
    writeFileSync(at("mounted"), "");
    expect(run().status).toBe(0);
    expect(did()).toEqual(["resize2fs /dev/nvme2n1"]);
  });

  it("is found by its id, in whatever order disks come, and beside an empty one", () => {
    disks("/dev/nvme0n1 vol0a1b", "/dev/nvme2n1 vol0other", "/dev/nvme1n1");
    alreadyOurs();
    run();
    expect(did()[0]).toContain("/dev/nvme0n1");
  });

  it("that comes late is waited for", () => {
    program("bin/lsblk", `if [[ -e ${at("later")} ]]; then cat ${at("disks")}; fi; touch ${at("later")}`);
    writeFileSync(at("node.env"), readFileSync(at("node.env"), "utf8").replace("WAIT='1'", "WAIT='60'"));
    expect(run().status).toBe(0);
  });

  it("whose file system does not grow is used all the same, with a warning", () => {
    alreadyOurs();
    program("bin/resize2fs", "exit 1");
    const { status, stderr } = run();
    expect(status).toBe(0);
    expect(stderr).toContain("did not grow");
  });

  it("on which a crash came between formatting and marking is taken up where that was", () => {
    holds("ext4");
    mkdirSync(at("mount", "lost+found"));
    expect(run()).toEqual({ status: 0, stderr: "" });
    expect(did().filter((line) => line.startsWith("mkfs"))).toEqual([]);
    expect(did()).toContain("aws-call mark volumes/vol-0a1b");
  });
});

describe("nothing starts, nothing is formatted, and it is said why", () => {
  const nothing = (message: string) => {
    const { status, stderr } = run();
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining(`error: volume vol-0a1b of orders-1-a: ${message}`),
    });
    expect(did().filter((line) => line.startsWith("mkfs"))).toEqual([]);
    expect(existsSync(at("mounted"))).toBe(false);
  };

  it("when the volume is missing", () => {
    disks("/dev/nvme0n1 vol0root", "/dev/nvme1n1 vol0other");
    nothing("not attached after 1 s, so nothing starts. Attach it, then: systemctl start pulumi-spilo");
  });

  it("when it is empty and has held data", () => {
    isUsed();
    nothing("empty, though it has held data: nothing is formatted");
  });

  it("when it has been formatted by somebody else, and has held data of ours", () => {
    holds("ext4");
    isUsed();
    nothing("empty, though it has held data: nothing starts");
  });

  it("when nobody can say whether it is new", () => {
    isUnknown();
    nothing("whether it is new is not known, so nothing is formatted");
  });

  it("when it holds another file system", () => {
    holds("xfs");
    nothing("holds xfs and not ext4: nothing is formatted");
  });

  it("when it holds what nobody can name", () => {
    holds("");
    writeFileSync(at("blkid-code"), "8");
    nothing("holds something that is not known and not ext4");
  });

  it("when it is another part's", () => {
    holds("ext4");
    writeFileSync(at("mount", ".pulumi-spilo"), "orders-2-b of orders, 1a2b3c4d\n");
    nothing(`is that of orders-2-b of orders, 1a2b3c4d, and this is ${owner}: nothing starts`);
  });

  it("when it holds somebody's files", () => {
    holds("ext4");
    writeFileSync(at("mount", "photos"), "");
    nothing("holds files of somebody else: nothing starts");
  });

  it("when it cannot be marked: the next machine would take it for a new one", () => {
    writeFileSync(at("mark-code"), "2");
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain("it cannot be marked as used, so nothing starts");
    expect(existsSync(at("mount", ".pulumi-spilo.marked"))).toBe(false);
  });
});
