import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { containerPaths, renderEtcd } from "../../cluster/index.ts";
import { runIn, uniqueName } from "./container.ts";
import { firstOf, planOf } from "./plans.ts";

/** Starts etcd and waits, 20 s at most, until it serves; then says what it made of its configuration. */
const serve = `
  /usr/local/bin/etcd --config-file ${containerPaths.voterConfig} >/tmp/log 2>&1 &
  for attempt in $(seq 100); do
    etcdctl endpoint health >/dev/null 2>&1 && break
    kill -0 $! 2>/dev/null || break
    sleep 0.2
  done
  etcdctl endpoint health && etcdctl member list && ls ${containerPaths.voterData}/data
  status=$?
  grep -E 'auto-compaction|quota' /tmp/log
  [ $status = 0 ] || cat /tmp/log
  exit $status
`;

describe("etcd.yml", () => {
  const plan = planOf({ name: uniqueName(), etcd: { voters: 1 } });
  const { name, subnet } = plan.network;
  const voter = firstOf(plan.voters);

  beforeAll(async () => {
    await execa("docker", ["network", "create", "--internal", "--subnet", subnet, name]);
  });
  afterAll(async () => {
    await execa("docker", ["network", "rm", name]);
  });

  it("starts a voter with the planned name and addresses, a quota and periodic compaction", async () => {
    const { exitCode, output } = await runIn({
      image: "etcd",
      files: { [containerPaths.voterConfig]: renderEtcd(plan, voter, "ab12cd34") },
      script: serve,
      network: name,
      options: ["--ip", voter.address],
    });
    expect(output).toContain("127.0.0.1:2379 is healthy");
    expect(output).toContain(
      `started, ${voter.name}, http://${voter.address}:2380, http://${voter.address}:2379`,
    );
    expect(output).toMatch(/"auto-compaction-mode":"periodic","auto-compaction-retention":"1h0m0s"/);
    expect(output).toMatch(/"quota-backend-bytes":2147483648/);
    expect(exitCode).toBe(0);
  });
});
