import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type EngineAddress,
  engineAddress,
  isSameEngine,
  parseEngineAddress,
} from "../../cluster/placement/engine-address.ts";

describe("the text that names an engine", () => {
  it.each<[string, EngineAddress]>([
    ["unix:///var/run/docker.sock", { by: "unix", socket: "/var/run/docker.sock" }],
    ["unix:///srv/zone a/docker#1.sock", { by: "unix", socket: "/srv/zone a/docker#1.sock" }],
    ["tcp://10.1.0.10:2375", { by: "tcp", host: "10.1.0.10", port: 2375 }],
    ["tcp://db-a", { by: "tcp", host: "db-a", port: 2375 }],
    ["tcp://[fd00::1]:80", { by: "tcp", host: "[fd00::1]", port: 80 }],
    ["tcp://db-a?certificates=%2Fetc%2Fc", { by: "tcp", host: "db-a", port: 2376, certificates: "/etc/c" }],
    ["ssh://db-a", { by: "ssh", host: "db-a" }],
    ["ssh://ops@db-a:2222", { by: "ssh", host: "db-a", user: "ops", port: 2222 }],
    ["ssh://db-a/run/other.sock", { by: "ssh", host: "db-a", socket: "/run/other.sock" }],
    ["ssh://[fd00::1]/", { by: "ssh", host: "fd00::1" }],
  ])("%s is taken apart", (text, address) => {
    expect(parseEngineAddress(text)).toEqual(address);
  });

  it.each([
    "",
    "db-a",
    "unix://",
    "unix://var/run/docker.sock",
    "tcp://",
    "tcp://db-a:x",
    "tcp://db-a/v1",
    "npipe://x",
  ])("'%s' names none", (text) => {
    expect(parseEngineAddress(text)).toBeUndefined();
  });

  it("gives back the folder with the certificates, whatever its name", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (folder) => {
        const address = parseEngineAddress(engineAddress("tcp://10.1.0.10:2376", folder));
        expect(address).toEqual({ by: "tcp", host: "10.1.0.10", port: 2376, certificates: folder });
      }),
    );
  });

  it("is the address alone where there are no certificates, or nothing to use them", () => {
    expect(engineAddress("tcp://10.1.0.10:2375")).toBe("tcp://10.1.0.10:2375");
    expect(engineAddress("ssh://db-a", "/etc/c")).toBe("ssh://db-a");
    expect(engineAddress("unix:///run/docker.sock", "/etc/c")).toBe("unix:///run/docker.sock");
  });
});

describe("two texts for an engine", () => {
  it.each([
    ["unix:///var/run/docker.sock", "unix:///var/run/docker.sock", true],
    ["unix:///var/run/docker.sock", "unix:///run/other.sock", false],
    ["ssh://ci@db-a", "ssh://admin@db-a:22/", true],
    ["ssh://db-a", "ssh://db-a:2222", false],
    ["ssh://db-a", "ssh://db-a/run/other.sock", false],
    ["ssh://10.0.0.1?way=ssh%3A%2F%2Fone", "ssh://10.0.0.1?way=ssh%3A%2F%2Ftwo", false],
    ["tcp://db-a:2376?certificates=%2Fa", "tcp://db-a?certificates=%2Fb", true],
    ["tcp://db-a:2375", "tcp://db-b:2375", false],
    ["tcp://db-a:22", "ssh://db-a:22", false],
    ["an engine", "an engine", true],
    ["an engine", "ssh://db-a", false],
  ])("%s and %s name the same: %s", (left, right, same) => {
    expect(isSameEngine(left, right)).toBe(same);
    expect(isSameEngine(right, left)).toBe(same);
  });
});
