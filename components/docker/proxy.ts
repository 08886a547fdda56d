import { containerPaths, type ProxyPlan } from "../../cluster/index.ts";
import type { IdentityFiles } from "../identity.ts";
import type { After, ConfigurationFile, Part } from "../platform.ts";
import { configured } from "./configuration.ts";
import type { DockerZone } from "./zone.ts";

/** A HAProxy that leads clients to the leader and readers to the standbys, and what stands beside it. It keeps nothing. */
export function makeProxy(
  zone: DockerZone,
  plan: ProxyPlan,
  pooledPort: number | undefined,
  configuration: readonly ConfigurationFile[],
  files: IdentityFiles,
  after: After,
): Part {
  const pooler = { host: plan.address, port: pooledPort ?? 0, protocol: "postgres" as const };
  const served = pooledPort === undefined ? [] : [pooler];
  const { variable, ...texts } = configured(configuration);
  const reload = { container: plan.name, user: "root", command: [containerPaths.takeCertificates] };
  return zone.container(
    plan,
    "proxy",
    { files, ...texts, owner: "root", served, reload },
    {
      envs: [variable],
      readOnly: true,
      tmpfs: { "/run": "mode=755", "/tmp": "mode=1777" },
      capabilities: { drops: ["ALL"], adds: [...capabilities] },
      // It gives the endpoint's address up before it ends.
      destroyGraceSeconds: 10,
      stopTimeout: 10,
    },
    { dependsOn: after },
  );
}

/** What these programs use, and what moving an address takes. */
const capabilities = [
  // HAProxy's socket gets its owner and mode.
  "CAP_CHOWN",
  "CAP_FOWNER",
  // A master process ends workers of another user.
  "CAP_KILL",
  // keepalived puts the address on the interface, and tells the network.
  "CAP_NET_ADMIN",
  "CAP_NET_RAW",
  // Each program becomes a user of its own.
  "CAP_SETGID",
  "CAP_SETUID",
] as const;
