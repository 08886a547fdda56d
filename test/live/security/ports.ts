import { expect, it } from "vitest";
import { openPorts, openPortsFromAfar } from "../probe.ts";
import type { Get } from "./context.ts";

const MINUTE = 60_000;

export function portTests(get: Get): void {
  const places = ["vip", "member", "voter", "proxy", "s3"] as const;
  const lastOf = { vip: [10], member: [11, 12, 13], voter: [31, 32, 33], proxy: [21, 22], s3: [41] };
  const documented = {
    vip: [5000, 5001, 6432],
    member: [5432, 8008],
    voter: [2379, 2380],
    proxy: [5000, 5001, 6432],
    s3: [9000],
  };
  const addresses = () => places.flatMap((place) => lastOf[place].map((last) => `${get().prefix}${last}`));
  const expected = () =>
    places
      .flatMap((place) =>
        lastOf[place].flatMap((last) => documented[place].map((port) => `${get().prefix}${last}:${port}`)),
      )
      .sort();

  it("that are open on the cluster's network and on the host are the documented ones", {
    timeout: 4 * MINUTE,
  }, async () => {
    const { name, image } = get();
    // One after the other: side by side, packets are lost.
    expect(await openPorts(name, image, addresses())).toEqual(expected());
    expect(await openPorts("host", image, addresses())).toEqual(expected());
  });

  it("are all closed to another network", { timeout: 4 * MINUTE }, async () => {
    const ports = [...new Set(Object.values(documented).flat())];
    expect(await openPortsFromAfar(get().foreign, get().image, addresses(), ports)).toEqual([]);
  });
}
