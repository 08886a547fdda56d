import { describe, expect, it } from "vitest";
import { containerPaths, renderPgbouncer, renderPoolerUsers } from "../../cluster/index.ts";
import { runIn } from "./container.ts";
import { planOf } from "./plans.ts";

/** Starts PgBouncer as the container does, asks it who it is on its own socket, and shows what anybody may read. */
const serve = `
  /etc/runit/proxy/pgbouncer/run &
  for attempt in $(seq 100); do
    [ -S ${containerPaths.poolerRun}/.s.PGSQL.6432 ] && break
    kill -0 $! 2>/dev/null || exit 1
    sleep 0.1
  done
  stat --format '%a %U %n' ${containerPaths.poolerRun}/*
  ps -o user= -C pgbouncer
  (: </dev/tcp/127.0.0.1/6432) && echo listens
  kill $! && wait
`;

describe("pgbouncer.ini", () => {
  it("starts a pooler without a warning, as a user of its own that alone can read what is secret", async () => {
    const { output } = await runIn({
      image: "proxy",
      files: {
        [containerPaths.poolerConfig]: renderPgbouncer(planOf({ endpoint: { pooled: true } }), 6432),
        [containerPaths.poolerUsers]: renderPoolerUsers('with "quotes"'),
      },
      script: serve,
    });
    expect(output).toContain("listens");
    expect(output).toContain("400 postgres /run/pgbouncer/userlist.txt");
    expect(output).toContain("600 postgres /run/pgbouncer/server.key");
    expect(output).not.toMatch(/\b(WARNING|ERROR|FATAL)\b/);
  });
});
