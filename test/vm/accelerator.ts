import { access, constants } from "node:fs/promises";
import { execa } from "execa";
import type { Image } from "./image.ts";

/** Emulation of the processor: everywhere, and about thirteen times slower. */
const emulated = "tcg,thread=multi";
const userspaceMs = 15_000;

/**
 * By what machines are run. That `/dev/kvm` opens does not say that a system starts by it: a machine that is tried out has
 * to come as far as its first program.
 */
export async function accelerator(image: Image): Promise<string> {
  const opens = await access("/dev/kvm", constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  return opens && (await reachesUserspace(image)) ? "kvm" : emulated;
}

async function reachesUserspace({ disk, kernel, partition }: Image): Promise<boolean> {
  const { all } = await execa(
    "qemu-system-x86_64",
    [
      ...["-machine", "q35", "-accel", "kvm", "-cpu", "host", "-m", "512", "-display", "none", "-no-reboot"],
      ...["-serial", "stdio", "-monitor", "none", "-snapshot", "-kernel", kernel],
      ...["-append", `root=PARTUUID=${partition} rootwait ro console=ttyS0 panic=-1 init=/usr/bin/env`],
      ...[
        "-drive",
        `id=system,if=none,format=raw,file=${disk}`,
        "-device",
        "nvme,drive=system,serial=system",
      ],
    ],
    { reject: false, all: true, timeout: userspaceMs, stdin: "ignore", killSignal: "SIGKILL" },
  );
  return /^HOME=\/\r?$/m.test(all);
}
