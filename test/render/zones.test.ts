import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import {
  containerPaths,
  identityPath,
  renderArchiveEnv,
  renderMemberEnv,
  renderSpiloConfiguration,
} from "../../cluster/index.ts";
import { overZones } from "../unit/zone-specifications.ts";
import { runIn } from "./container.ts";
import { testAuthority } from "./identity.ts";
import { environment, planOf } from "./plans.ts";

/** On the networks of their hosts: every part at ports of its own. */
const plan = planOf({ ...overZones("abw", { w: { witness: true } }), network: { firstPort: 21_000 } });
const [, member] = plan.members;
const secrets = { restUser: "spilo", restPassword: "p", rewindPassword: "p" };
const incarnation = "ab12cd34";

/** A member as its container begins, up to the start of Patroni; and a server that reads the rules in it. */
const configure = `
  set -e
  bin=/usr/lib/postgresql/17/bin; data=/tmp/data
  mkdir -p "$PGDATA" "$PGLOG" && chown -R postgres "$PGROOT"
  python3 /scripts/configure_spilo.py all >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  cat /run/postgres.yml
  echo "--- validation"
  python3 -m http.server --bind 127.0.0.1 2379 >/dev/null 2>&1 &
  until (: </dev/tcp/127.0.0.1/2379) 2>/dev/null; do kill -0 $!; done
  export PATRONI_NAME=$HOSTNAME PATRONI_RESTAPI_LISTEN=0.0.0.0:8008 PATRONI_ETCD3_HOSTS=127.0.0.1:2379
  su --preserve-environment postgres --command "patroni --validate-config /run/postgres.yml" && echo accepted
  echo "--- rules"
  install -d -o postgres $data
  su postgres -c "$bin/initdb -D $data --no-sync --username postgres" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }
  install -o postgres /tmp/rules $data/pg_hba.conf
  install -o postgres -m 0600 ${containerPaths.identity}/* $data
  su postgres -c "$bin/pg_ctl -D $data -l /tmp/server -w start -o '-k /tmp -c ssl=on -c ssl_ca_file=ca.crt \\
    -c ssl_cert_file=tls.crt -c ssl_key_file=tls.key'" >/tmp/log 2>&1 || { cat /tmp/log /tmp/server; exit 1; }
  ask() { su postgres -c "psql -h /tmp -XAtc \\"$1\\""; }
  ask "select 'wrong: ' || line_number || ' ' || error from pg_hba_file_rules where error is not null"
  ask "select 'rules: ' || count(*) from pg_hba_file_rules"
  ask "select 'anywhere: ' || user_name::text from pg_hba_file_rules where address = 'all' and auth_method <> 'reject'"
`;

const patroniFile = z.object({
  etcd3: z.looseObject({ hosts: z.array(z.string()) }),
  restapi: z.looseObject({ listen: z.string(), connect_address: z.string() }),
  postgresql: z.looseObject({
    listen: z.string(),
    connect_address: z.string(),
    parameters: z.record(z.string(), z.unknown()),
    pg_hba: z.array(z.string()),
  }),
});

describe("what is rendered for a member over several zones", () => {
  const spilo = renderSpiloConfiguration(plan, secrets, member);
  const rules = z.object({ postgresql: z.object({ pg_hba: z.array(z.string()) }) }).parse(parse(spilo))
    .postgresql.pg_hba;
  let patroni = "";
  let validation = "";
  let said: readonly string[] = [];

  beforeAll(async () => {
    if (member === undefined) throw new Error("there is no second member");
    const identity = await (await testAuthority()).identityOf(member.certificate);
    const { output } = await runIn({
      image: "spilo",
      script: configure,
      files: {
        ...identity,
        [identityPath("s3Ca")]: identity[identityPath("ca")] ?? "",
        "/tmp/rules": `${rules.join("\n")}\n`,
      },
      env: {
        ...environment(renderMemberEnv(plan, member, incarnation)),
        ...environment(renderArchiveEnv(plan, incarnation)),
        SPILO_CONFIGURATION: spilo,
        ETCD3_PASSWORD: "of-patroni",
        PGPASSWORD_SUPERUSER: "of-the-superuser",
        PGPASSWORD_STANDBY: "of-the-standby",
        AWS_ACCESS_KEY_ID: "key",
        AWS_SECRET_ACCESS_KEY: "of-the-key",
      },
      options: ["--hostname", member.name, "--add-host", `${member.name}:${member.address}`],
    });
    let told = "";
    [patroni = "", validation = "", told = ""] = output.split(/^--- \w+\n/m);
    said = told.trim().split("\n");
  });

  it("has PostgreSQL, Patroni and the page on activity at ports of their own, by the host's address", () => {
    const { restapi, postgresql, etcd3 } = patroniFile.parse(parse(patroni));
    expect([restapi.connect_address, postgresql.connect_address]).toEqual([
      "10.1.0.2:21012",
      "10.1.0.2:21002",
    ]);
    expect([restapi.listen, postgresql.listen].map((address) => address.replace(/^.*:/, ""))).toEqual([
      "21012",
      "21002",
    ]);
    expect(postgresql.parameters).toMatchObject({
      "bg_mon.listen_address": "127.0.0.1",
      "bg_mon.port": 21_022,
    });
    expect(etcd3.hosts).toEqual(["10.1.0.1:21031", "10.1.0.2:21032", "10.1.0.23:21033"]);
    expect(postgresql.pg_hba).toEqual(rules);
  });

  it("is accepted by Patroni", () => {
    expect(validation.trim()).toBe("accepted");
  });

  it("is understood by PostgreSQL, every line of who is let in", () => {
    expect(said.filter((line) => line.startsWith("wrong:"))).toEqual([]);
    expect(said).toContain(`rules: ${rules.length}`);
  });

  it("lets in from anywhere nobody but clients and the operator", () => {
    expect(said.filter((line) => line.startsWith("anywhere:"))).toEqual([
      "anywhere: {operator_1,operator_2}",
      "anywhere: {+spilo_clients}",
    ]);
  });
});
