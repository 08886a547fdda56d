import * as pulumi from "@pulumi/pulumi";
import { memberCapabilities } from "../../cluster/aws/container-order.ts";
import { containerPaths, type ServerPartPlan } from "../../cluster/index.ts";
import type { IdentityFiles } from "../identity.ts";
import type { Part, Variable } from "../platform.ts";
import type { ContainerOrder, DockerZone } from "./zone.ts";

/**
 * A Spilo container: PostgreSQL and its Patroni, with the data on a volume. Its root is writable: Spilo writes its
 * configuration, its crontab and its services all over it.
 */
export function makeMember(
  zone: DockerZone,
  plan: ServerPartPlan,
  environment: readonly Variable[],
  files: IdentityFiles,
  order: ContainerOrder,
): Part {
  const volume = zone.volume(plan, "member");
  const served = [
    { ...plan.postgres, protocol: "postgres" as const },
    { ...plan.rest, protocol: "tls" as const },
  ];
  // Patroni takes up its own certificate, and has PostgreSQL do the same.
  const reload = { container: plan.name, user: "root", command: ["sv", "hup", "/run/service/patroni"] };
  return zone.container(
    plan,
    "member",
    { files, owner: "postgres", served, reload },
    {
      // One output a variable: a preview then names the variable that changes, and hides only those that are secret.
      envs: environment.map(({ name, value }) => pulumi.interpolate`${name}=${value}`),
      volumes: [{ volumeName: volume.name, containerPath: containerPaths.memberData }],
      shmSize: plan.shmMib,
      ...(plan.cpus === undefined ? {} : { cpus: String(plan.cpus) }),
      capabilities: { drops: ["ALL"], adds: [...memberCapabilities] },
      // Patroni hands the leadership over and PostgreSQL writes its checkpoint before they end.
      destroyGraceSeconds: 60,
      stopTimeout: 60,
    },
    order,
  );
}
