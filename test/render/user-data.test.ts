import { beforeAll, describe, expect, it } from "vitest";
import { testImage } from "../test-image.ts";
import { onAws } from "../unit/aws-specifications.ts";
import { userDataOf } from "../unit/aws-user-data.ts";
import { runIn } from "./container.ts";

beforeAll(() => testImage("cloud"), 600_000);

const sizes = [
  onAws("a", { members: 1 }),
  onAws("abc", { members: 5, etcd: { voters: 5 }, endpoint: { pooled: true } }),
  onAws("ab", { name: "a".repeat(40), members: 3, resources: { memory: "16GB", cpus: 4, volume: "1TB" } }),
];

describe("user data", () => {
  it("of every machine are accepted by cloud-init", async () => {
    const all = sizes.flatMap((written) => userDataOf(written));
    expect(all).toHaveLength(4 + 10 + 6);
    const files = Object.fromEntries(all.map(({ text }, index) => [`/data/${index}`, text]));
    const { exitCode, output } = await check(files);
    expect(output.match(/Valid schema/g)).toHaveLength(all.length);
    expect(exitCode).toBe(0);
  });

  it("with a key that cloud-init does not know are not accepted", async () => {
    const [{ text } = { text: "" }] = userDataOf(onAws("a"));
    const { exitCode, output } = await check({ "/data/0": text.replace("write_files:", "write_filess:") });
    expect(output).toContain("write_filess");
    expect(exitCode).not.toBe(0);
  });

  it("have units that systemd takes", async () => {
    const made = userDataOf(onAws("a", { endpoint: { pooled: true } }));
    const { text = "" } = made.find(({ kind }) => kind === "member") ?? {};
    const { exitCode, output } = await runIn({
      image: "cloud",
      files: { "/data/0": text },
      script: `
        python3 - <<'END'
import os, yaml
for file in yaml.safe_load(open("/data/0"))["write_files"]:
    os.makedirs(os.path.dirname(file["path"]), exist_ok=True)
    open(file["path"], "w").write(file["content"])
    os.chmod(file["path"], int(file["permissions"], 8))
END
        # What a machine has, and this container has not.
        printf '[Unit]\\n[Service]\\nExecStart=/bin/true\\n' >/etc/systemd/system/docker.service
        ln -s /bin/true /usr/bin/docker
        cd /etc/systemd/system && systemd-analyze verify --man=no pulumi-spilo*.service pulumi-spilo*.timer 2>&1
        status=$?
        for program in aws-call data-volume install; do bash -n /usr/local/lib/pulumi-spilo/$program || status=1; done
        python3 -m py_compile /usr/local/lib/pulumi-spilo/run-part || status=1
        . /etc/pulumi-spilo/node.env && echo "part $PART" && exit $status
      `,
    });
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: "part orders-1-a" });
  });
});

/** Each file by itself, as cloud-init does before it acts on it. */
function check(files: Readonly<Record<string, string>>) {
  const script = `status=0
    for file in /data/*; do cloud-init schema --config-file "$file" 2>&1 || status=1; done
    exit $status`;
  return runIn({ image: "cloud", files, script });
}
