import { describe, expect, it } from "vitest";
import { containerPaths, renderHaproxy } from "../../cluster/index.ts";
import { runIn } from "./container.ts";
import { firstOf, planOf } from "./plans.ts";

const path = containerPaths.proxyConfig;

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

describe("haproxy.cfg", () => {
  it.each([
    ["with all defaults", {}],
    ["with other ports", { endpoint: { ports: { readWrite: 5432, readOnly: 5433 } } }],
  ])("%s is accepted by HAProxy without a warning", async (_title, written) => {
    const { exitCode, output } = await runIn({
      image: "proxy",
      files: { [path]: configurationOf(written) },
      script: `haproxy -c -V -f ${path}`,
    });
    expect(output).not.toMatch(/\[(WARNING|ALERT)\]/);
    expect(output).toContain("Configuration file is valid");
    expect(exitCode).toBe(0);
  });

  it("starts a proxy that serves both ports, and whose commands nobody else may give", async () => {
    const { output } = await runIn({ image: "proxy", files: { [path]: configurationOf({}) }, script: serve });
    expect(output).toContain("socket 600 haproxy");
    expect(output).not.toMatch(/\[ALERT\].*(FD limit|cannot)/i);
  });
});

function configurationOf(written: object): string {
  const plan = planOf(written);
  return renderHaproxy(plan, firstOf(plan.proxies));
}
