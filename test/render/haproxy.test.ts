import { beforeAll, describe, expect, it } from "vitest";
import { containerPaths, identityPath, renderHaproxy } from "../../cluster/index.ts";
import { overZones } from "../unit/zone-specifications.ts";
import { runIn } from "./container.ts";
import { inFolder, testAuthority } from "./identity.ts";
import { firstOf, networkOf, planOf } from "./plans.ts";

const path = containerPaths.proxyConfig;
const plan = planOf();
const [first, second, third] = plan.members;

/** Starts HAProxy as its container does and waits, 10 s at most, until it takes connections on both ports. */
const serve = `
  haproxy -W -db -f ${path} &
  for attempt in $(seq 100); do
    (: </dev/tcp/127.0.0.1/5000) 2>/dev/null && (: </dev/tcp/127.0.0.1/5001) 2>/dev/null && break
    kill -0 $! 2>/dev/null || exit 1
    sleep 0.1
  done
  stat --format 'socket %a %U' ${containerPaths.proxySocket}
  kill $! && wait
`;

/**
 * Stands in for Patroni at three members' addresses, with an identity each, as one that leads; then asks HAProxy, 10 s
 * at most, whom it has found out about, and what it makes of each.
 */
const check = `
  for last in 11 12 13; do ip address add "$NETWORK.$last/32" dev lo; done
  haproxy -W -db -f /tmp/members.cfg &
  for last in 11 12 13; do
    for attempt in $(seq 100); do (: </dev/tcp/$NETWORK.$last/8008) 2>/dev/null && break; sleep 0.1; done
  done
  haproxy -W -db -f ${path} &
  servers() {
    socat -T1 - UNIX-CONNECT:${containerPaths.proxySocket} <<<"show stat" 2>/dev/null |
      awk -F, '$1 == "leader" && $2 ~ /^dev-[123]$/ { print $2, $18, $37 }'
  }
  for attempt in $(seq 100); do
    [ "$(servers | grep -cE "UP L7OK|DOWN L")" = 3 ] && break
    sleep 0.1
  done
  servers
  kill %1 %2 && wait
`;

/** Another HAProxy as what answers at the members' addresses. */
const members = `
global
    stats socket /run/members.sock
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
${[first, second, third]
  .map(
    (member, index) => `
listen member-${index + 1}
    bind ${member?.address}:8008 ssl crt /tmp/${index + 1}/tls.pem ca-file /tmp/${index + 1}/ca.crt verify required
    http-request return status 200 content-type text/plain string leads
`,
  )
  .join("")}`;

describe("haproxy.cfg", () => {
  let identity: Readonly<Record<string, string>> = {};
  let answering: Readonly<Record<string, string>> = {};

  beforeAll(async () => {
    const [authority, stranger] = await Promise.all([testAuthority(), testAuthority()]);
    identity = await authority.identityOf(firstOf(plan.proxies).certificate);
    const own = await authority.identityOf(firstOf(plan.members).certificate);
    answering = {
      ...inFolder("/tmp/1", own),
      // At the second's address another member answers, and at the third's somebody that no authority of ours knows.
      ...inFolder("/tmp/2", own),
      ...inFolder(
        "/tmp/3",
        await stranger.identityOf(third?.certificate ?? firstOf(plan.members).certificate),
      ),
      // The stranger would not mind who asks.
      "/tmp/3/ca.crt": identity[identityPath("ca")] ?? "",
    };
  });

  it.each([
    ["with all defaults", {}],
    ["with other ports", { endpoint: { ports: { readWrite: 5432, readOnly: 5433 } } }],
    ["over several zones", overZones("abw", { w: { witness: true } })],
    ["with read replicas", { replicas: [{ name: "reports" }] }],
    ["with read replicas over several zones", { ...overZones("ab"), replicas: [{ name: "a" }] }],
  ])("%s is accepted by HAProxy without a warning", async (_title, written) => {
    const { exitCode, output } = await runIn({
      image: "proxy",
      files: { ...identity, [path]: configurationOf(written) },
      script: `haproxy -c -V -f ${path}`,
    });
    expect(output).not.toMatch(/\[(WARNING|ALERT)\]/);
    expect(output).toContain("Configuration file is valid");
    expect(exitCode).toBe(0);
  });

  it("starts a proxy that serves both ports, and whose commands nobody else may give", async () => {
    const files = { ...identity, [path]: configurationOf({}) };
    const { output } = await runIn({ image: "proxy", files, script: serve });
    expect(output).toContain("socket 600 haproxy");
    expect(output).not.toMatch(/\[ALERT\].*(FD limit|cannot)/i);
  });

  it("believes a member that proves to be the one it asks, and nobody else who says that he leads", async () => {
    const { output } = await runIn({
      image: "proxy",
      files: { ...identity, ...answering, [path]: configurationOf({}), "/tmp/members.cfg": members },
      env: { NETWORK: networkOf(plan).subnet.replace(/\.0\/24$/, "") },
      options: ["--cap-add", "NET_ADMIN"],
      script: check,
    });
    expect(output).toContain("dev-1 UP L7OK");
    expect(output).toContain("dev-2 DOWN L6RSP");
    expect(output).toContain("dev-3 DOWN L6RSP");
  });
});

function configurationOf(written: object): string {
  const any = planOf(written);
  return renderHaproxy(any, firstOf(any.proxies));
}
