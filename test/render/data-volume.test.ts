import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";
import { testImage } from "../test-image.ts";
import { runIn } from "./container.ts";

beforeAll(() => testImage("cloud"), 600_000);

const program = readFileSync(join(root, "templates/aws/data-volume.sh"), "utf8");

/** A disk that is a file; only its serial number, which such a one has not, is said by a stand-in. */
const disk = `
  mkdir -p /lib-of-ours /stand-in && cp /data-volume /lib-of-ours/data-volume && chmod +x /lib-of-ours/data-volume
  for index in {0..31}; do [[ -e /dev/loop$index ]] || mknod /dev/loop$index b 7 $index; done
  truncate --size 64M /disk && device=$(losetup --find --show /disk) || exit 1
  trap 'umount /mnt/data 2>/dev/null; losetup --detach $device' EXIT
  printf '#!/bin/bash\\necho %s vol0a1b\\n' "$device" >/stand-in/lsblk
  printf '#!/bin/bash\\n[[ $1 == mark ]] && touch /marked; [[ -e /marked ]]\\n' >/lib-of-ours/aws-call
  chmod +x /stand-in/lsblk /lib-of-ours/aws-call
  cat >/node.env <<'END'
PART=orders-1-a OWNER='orders-1-a of orders, 1a2b3c4d' VOLUME=vol-0a1b MARK=volumes/vol-0a1b MOUNT=/mnt/data WAIT=1
END
  run() { PATH=/stand-in:$PATH PULUMI_SPILO_NODE=/node.env /lib-of-ours/data-volume 2>&1; }
`;

it("a real disk is formatted once, keeps its data over a new machine, and is never taken for another", async () => {
  const { exitCode, output } = await runIn({
    image: "cloud",
    options: [
      ...["--cap-add", "SYS_ADMIN", "--security-opt", "apparmor=unconfined"],
      ...["--device", "/dev/loop-control", "--device-cgroup-rule", "b 7:* rmw"],
    ],
    files: { "/data-volume": program },
    script: `${disk}
      run && echo rows >/mnt/data/data/table && echo formatted
      umount /mnt/data && run && echo "again $(cat /mnt/data/data/table)"
      umount /mnt/data
      sed -i s/orders-1-a/orders-2-b/g /node.env && run || echo "refused $?"
      sed -i s/orders-2-b/orders-1-a/g /node.env
      wipefs --quiet --all $device && run || echo "refused $?"
      mkfs.ext4 -q -F $device && run || echo "refused $?"
    `,
  });
  const of = "error: volume vol-0a1b of";
  expect(output.split("\n")).toEqual([
    "formatted",
    "again rows",
    `${of} orders-2-b: is that of orders-1-a of orders, 1a2b3c4d, and this is orders-2-b of orders, 1a2b3c4d: nothing starts`,
    "refused 1",
    expect.stringContaining(`${of} orders-1-a: empty, though it has held data: nothing is formatted`),
    "refused 1",
    expect.stringContaining(`${of} orders-1-a: empty, though it has held data: nothing starts`),
    "refused 1",
  ]);
  expect(exitCode).toBe(0);
});
