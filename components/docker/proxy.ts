import type * as pulumi from "@pulumi/pulumi";
import type { ProxyPlan } from "../../cluster/index.ts";
import type { ConfigurationFile, Part } from "../platform.ts";
import type { DockerZone } from "./zone.ts";

/** A HAProxy that leads clients to the leader and readers to the standbys, and what stands beside it. It keeps nothing. */
export function makeProxy(
  zone: DockerZone,
  plan: ProxyPlan,
  files: readonly ConfigurationFile[],
  after: readonly pulumi.Resource[],
): Part {
  return zone.container(
    plan,
    "proxy",
    {
      uploads: files.map(({ path, content, secret = false }) => ({
        file: path,
        content,
        ...(secret ? { permissions: "0600" } : {}),
      })),
      capabilities: { drops: ["ALL"], adds: [...capabilities] },
      // It gives the endpoint's address up before it ends.
      destroyGraceSeconds: 10,
      stopTimeout: 10,
    },
    { dependsOn: [...after] },
  );
}

/** Of what containers usually have, the part that these programs use; and what moving an address takes. */
const capabilities = [
  // HAProxy's socket gets its owner and mode.
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  // A master process ends workers of another user.
  "CAP_KILL",
  // keepalived puts the address on the interface, and tells the network.
  "CAP_NET_ADMIN",
  // Ports below 1024 may be asked for.
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  // Each program becomes a user of its own.
  "CAP_SETGID",
  "CAP_SETUID",
] as const;
