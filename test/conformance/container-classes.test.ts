/** What a change of each of a container's properties means, decided without any engine. */
import { describe, expect, it } from "vitest";
import { checkInputs } from "../../toolchain/docker-plugin/check.ts";
import { container } from "../../toolchain/docker-plugin/container/container.ts";
import { difference } from "../../toolchain/docker-plugin/plan.ts";
import type { Value } from "../../toolchain/docker-plugin/values.ts";
import { base, changes, checked, looked, naming, type Sample } from "./rules.ts";

const computed: readonly Sample[] = [
  ["command", ["a"], ["b"]],
  ["entrypoints", ["a"], ["b"]],
  ["envs", ["A=1"], ["A=2"]],
  ["hostname", "a", "b"],
  ["ipcMode", "private", "host"],
  ["labels", [{ label: "a", value: "1" }], [{ label: "a", value: "2" }]],
  ["logDriver", "json-file", "local"],
  ["platform", "linux/amd64", "linux/arm64"],
  ["runtime", "runc", "other"],
  ["securityOpts", ["a"], ["b"]],
  ["shmSize", 64, 128],
  ["stopSignal", "SIGTERM", "SIGINT"],
  ["stopTimeout", 5, 6],
];

const fixed: readonly Sample[] = [
  ["capabilities", { adds: ["CAP_NET_ADMIN"] }, { drops: ["ALL"] }],
  ["cgroupParent", "/a", "/b"],
  ["cgroupnsMode", "private", "host"],
  ["cpus", "1", "1.5"],
  ["deviceRequests", [{ count: 1 }], [{ count: 2 }]],
  ["devices", [{ hostPath: "/dev/null" }], [{ hostPath: "/dev/zero" }]],
  ["dns", ["192.0.2.1"], ["192.0.2.2"]],
  ["dnsOpts", ["a"], ["b"]],
  ["dnsSearches", ["a"], ["b"]],
  ["domainname", "a", "b"],
  ["groupAdds", ["1"], ["2"]],
  ["hosts", [{ host: "a", ip: "192.0.2.1" }], [{ host: "a", ip: "192.0.2.2" }]],
  ["logOpts", { "max-size": "1m" }, { "max-size": "2m" }],
  ["mounts", [{ type: "tmpfs", target: "/a" }], [{ type: "tmpfs", target: "/b" }]],
  ["networkMode", "host", "none"],
  ["networksAdvanced", [{ name: "a" }], [{ name: "b" }]],
  ["pidMode", "host", "container:x"],
  ["ports", [{ internal: 80, external: 1 }], [{ internal: 80, external: 2 }]],
  ["privileged", true, false],
  ["publishAllPorts", true, false],
  ["readOnly", true, false],
  ["stdinOpen", true, false],
  ["storageOpts", { size: "1G" }, { size: "2G" }],
  ["sysctls", { a: "1" }, { a: "2" }],
  ["tty", true, false],
  ["ulimits", [{ name: "nofile", soft: 1, hard: 1 }], [{ name: "nofile", soft: 1, hard: 2 }]],
  ["uploads", [{ file: "/a", content: "1" }], [{ file: "/a", content: "2" }]],
  ["usernsMode", "host", "other"],
  ["volumes", [{ containerPath: "/a" }], [{ containerPath: "/b" }]],
  ["deviceCgroupRules", ["c 1:3 rwm"], ["c 1:5 rwm"]],
];

const rate = (value: number): Value => [{ path: "/dev/sda", rate: value }];

const live: readonly Sample[] = [
  ["restart", "always", "on-failure"],
  ["maxRetryCount", 1, 2],
  ["memory", 64, 128],
  ["memoryReservation", 32, 64],
  ["memorySwap", 128, 256],
  ["cpuShares", 512, 1024],
  ["cpuSet", "0", "0-1"],
  ["deviceReadBps", rate(1), rate(2)],
  ["deviceReadIops", rate(1), rate(2)],
  ["deviceWriteBps", rate(1), rate(2)],
  ["deviceWriteIops", rate(1), rate(2)],
];

const noted: readonly Sample[] = [
  ["tmpfs", { "/a": "" }, { "/b": "" }],
  ["cpuPeriod", 50_000, 100_000],
  ["cpuQuota", 50_000, 100_000],
  ["rm", true, false],
  ["start", false, true],
  ["wait", true, false],
  ["waitTimeout", 30, 60],
  ["attach", true, false],
  ["logs", true, false],
  ["removeVolumes", false, true],
  ["destroyGraceSeconds", 5, 10],
  ["containerReadRefreshTimeoutMilliseconds", 1000, 15_000],
];

describe("container, class by class", () => {
  it.each(computed)(
    "%s, computed: a change replaces, leaving it out is no difference",
    (name, before, after) => {
      expect(changes(container, { ...base, [name]: before }, { ...base, [name]: after })).toEqual([
        `${name}!`,
      ]);
      expect(changes(container, { ...base, [name]: before }, base)).toEqual([]);
    },
  );

  it.each<Sample>([
    ["healthcheck", { tests: ["CMD", "true"] }, { tests: ["CMD", "false"] }],
    ["init", true, false],
  ])("%s, computed: a change updates, leaving it out is no difference", (name, before, after) => {
    expect(changes(container, { ...base, [name]: before }, { ...base, [name]: after })).toEqual([name]);
    expect(changes(container, { ...base, [name]: before }, base)).toEqual([]);
  });

  it.each(fixed)("%s, decided at creation: a change or its removal replaces", (name, before, after) => {
    expect(changes(container, { ...base, [name]: before }, { ...base, [name]: after })).toEqual([`${name}!`]);
    expect(changes(container, { ...base, [name]: before }, base)).toEqual([`${name}!`]);
  });

  it.each<Sample>([
    ["name", "db", "db2"],
    ["image", "tiny:1", "tiny:2"],
    ["user", "1", "2"],
    ["workingDir", "/a", "/b"],
  ])("%s: a change replaces", (name, before, after) => {
    expect(changes(container, { ...base, [name]: before }, { ...base, [name]: after })).toEqual([`${name}!`]);
  });

  it.each(["user", "workingDir"])(
    "%s: leaving it out means the image's own, so it is no difference",
    (name) => {
      expect(changes(container, { ...base, [name]: "/a" }, base)).toEqual([]);
    },
  );

  it.each(live)("%s, live: a change or its removal is an update in place", (name, before, after) => {
    expect(changes(container, { ...base, [name]: before }, { ...base, [name]: after })).toEqual([name]);
    expect(changes(container, { ...base, [name]: before }, base)).toEqual([name]);
  });

  it.each(noted)("%s, only written down: a change is an update in place", (name, before, after) => {
    expect(changes(container, { ...base, [name]: before }, { ...base, [name]: after })).toEqual([name]);
  });

  it("mustRun: false to true is an update in place", () => {
    expect(changes(container, { ...base, mustRun: false }, base)).toEqual(["mustRun"]);
  });

  it.each(["bridge", "containerLogs", "exitCode", "networkDatas"])("%s, output only: is no input", (name) => {
    const { problems } = checkInputs(container, {}, { ...base, [name]: "x" }, naming);
    expect(problems[0]?.reason).toContain(`'${name}' is not an input`);
  });

  it("deletes before it replaces, whoever chose the name", () => {
    const chosen = difference(container, looked, checked(container, base), new Set());
    const madeUp = difference(container, looked, checked(container, { image: "tiny:1" }), new Set());
    expect([chosen.deletesFirst, madeUp.deletesFirst]).toEqual([true, true]);
  });

  it("a state that nobody looked at, since its creation failed, is replaced", () => {
    const inputs = checked(container, base);
    const { changes } = difference(container, inputs, inputs, new Set());
    expect(changes).toEqual([
      { property: "entrypoints", path: "entrypoints", kind: "add", replaces: true },
      { property: "networkDatas", path: "networkDatas", kind: "add", replaces: false },
    ]);
  });
});
