import { describe, expect, it } from "vitest";
import { containerPaths, identityPath, renderPgbouncer, renderPoolerUsers } from "../../cluster/index.ts";
import { runIn } from "./container.ts";
import { testAuthority } from "./identity.ts";
import { firstOf, planOf } from "./plans.ts";

/**
 * Starts PgBouncer as the container does, shows what anybody may read, and checks its certificate as a client does that
 * reaches it by a name and at the endpoint's address.
 */
const serve = `
  /etc/runit/proxy/pgbouncer/run &
  for attempt in $(seq 100); do
    [ -S ${containerPaths.poolerRun}/.s.PGSQL.6432 ] && break
    kill -0 $! 2>/dev/null || exit 1
    sleep 0.1
  done
  stat --format '%a %U %n' ${containerPaths.poolerRun}/*
  trusts() {
    openssl s_client -starttls postgres -connect 127.0.0.1:6432 -CAfile ${identityPath("ca")} \\
      -verify_return_error "$@" </dev/null >/dev/null 2>&1 && echo "trusted by $*"
  }
  trusts -verify_ip "$ENDPOINT"; trusts -verify_hostname db.example.org
  kill $! && wait
`;

describe("pgbouncer.ini", () => {
  it("starts a pooler without a warning, that clients can trust and that alone can read what is secret", async () => {
    const plan = planOf({ endpoint: { pooled: true, names: ["db.example.org"] } });
    const proxy = firstOf(plan.proxies);
    const { output } = await runIn({
      image: "proxy",
      files: {
        ...(await (await testAuthority()).identityOf(proxy.certificate)),
        [containerPaths.poolerConfig]: renderPgbouncer(plan, proxy, 6432),
        [containerPaths.poolerUsers]: renderPoolerUsers(plan.logins.current, {
          password: 'with "quotes"',
          operatorPassword: "not-a-secret",
          incarnation: "1a2b3c4d",
        }),
      },
      env: { ENDPOINT: plan.endpoint.address },
      script: serve,
    });
    expect(output).toContain("400 postgres /run/pgbouncer/userlist.txt");
    expect(output).toContain("400 postgres /run/pgbouncer/tls.key");
    expect(output.match(/^trusted by .*$/gm)).toEqual([
      `trusted by -verify_ip ${plan.endpoint.address}`,
      "trusted by -verify_hostname db.example.org",
    ]);
    expect(output).not.toMatch(/\b(WARNING|ERROR|FATAL)\b/);
  });
});
