import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { containerPaths, identityPath, renderEtcd } from "../../cluster/index.ts";
import { runIn, uniqueName } from "./container.ts";
import { inFolder, type TestAuthority, testAuthority } from "./identity.ts";
import { firstOf, networkOf, planOf } from "./plans.ts";

/** Who shows a certificate of a folder, and trusts who has signed it. */
const shown = (folder: string) =>
  `--cacert ${folder}/ca.crt --cert ${folder}/tls.crt --key ${folder}/tls.key`;
const own = containerPaths.identity;

/**
 * Starts etcd and waits, 20 s at most, until it serves; then says what it made of its configuration, and whom it turns
 * away at both of its ports.
 */
const serve = `
  export ETCDCTL_ENDPOINTS=https://127.0.0.1:2379 ETCDCTL_DIAL_TIMEOUT=3s
  health() { etcdctl endpoint health --command-timeout 3s "$@"; }
  /usr/local/bin/etcd --config-file ${containerPaths.voterConfig} >/tmp/log 2>&1 &
  for attempt in $(seq 100); do
    health ${shown(own)} >/dev/null 2>&1 && break
    kill -0 $! 2>/dev/null || break
    sleep 0.2
  done
  health ${shown(own)} && etcdctl member list ${shown(own)} && ls ${containerPaths.voterData}/data
  status=$?
  health --cacert ${identityPath("ca")} >/dev/null 2>&1 || echo "nobody without a certificate"
  health ${shown("/tmp/stranger")} --insecure-skip-tls-verify >/dev/null 2>&1 || echo "no stranger"
  health --endpoints http://127.0.0.1:2379 >/dev/null 2>&1 || echo "nobody in clear"
  peer() {
    printf 'GET /version HTTP/1.0\\r\\n\\r\\n' |
      timeout 3 openssl s_client -quiet -connect "$ADDRESS:2380" -CAfile ${identityPath("ca")} "$@" 2>/dev/null |
      grep -q etcdserver
  }
  peer -cert ${identityPath("certificate")} -key ${identityPath("key")} && echo "a peer with a certificate"
  peer || echo "no peer without a certificate"
  grep -E 'auto-compaction|quota' /tmp/log
  [ $status = 0 ] || cat /tmp/log
  exit $status
`;

describe("etcd.yml", () => {
  const plan = planOf({ name: uniqueName(), etcd: { voters: 1 } });
  const { name, subnet } = networkOf(plan);
  const voter = firstOf(plan.voters);
  let authority: TestAuthority;

  beforeAll(async () => {
    authority = await testAuthority();
    await execa("docker", ["network", "create", "--internal", "--subnet", subnet, name]);
  });
  afterAll(async () => {
    await execa("docker", ["network", "rm", name]);
  });

  it("starts a voter that serves at its planned addresses those who show a certificate, and nobody else", async () => {
    const stranger = await (await testAuthority()).identityOf(voter.certificate);
    const { exitCode, output } = await runIn({
      image: "etcd",
      files: {
        ...(await authority.identityOf(voter.certificate)),
        ...inFolder("/tmp/stranger", stranger),
        [containerPaths.voterConfig]: renderEtcd(plan, voter, "ab12cd34"),
      },
      script: serve,
      env: { ADDRESS: voter.address },
      network: name,
      options: ["--ip", voter.address],
    });
    expect(output).toContain("127.0.0.1:2379 is healthy");
    expect(output).toContain(
      `started, ${voter.name}, https://${voter.address}:2380, https://${voter.address}:2379`,
    );
    for (const told of [
      "nobody without",
      "no stranger",
      "nobody in clear",
      "a peer with",
      "no peer without",
    ]) {
      expect(output).toContain(told);
    }
    expect(output).toMatch(/"auto-compaction-mode":"periodic","auto-compaction-retention":"1h0m0s"/);
    expect(output).toMatch(/"quota-backend-bytes":2147483648/);
    expect(exitCode).toBe(0);
  });
});
