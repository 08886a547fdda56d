import * as pulumi from "@pulumi/pulumi";
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
      capabilities: { drops: ["ALL"], adds: [...capabilities] },
      // Patroni hands the leadership over and PostgreSQL writes its checkpoint before they end.
      destroyGraceSeconds: 60,
      stopTimeout: 60,
    },
    order,
  );
}

/** What Spilo's entry point needs as root, before PostgreSQL and Patroni run as their own user. */
const capabilities = [
  // The volume's files get their owner.
  "CAP_CHOWN",
  // It writes into folders of PostgreSQL's user.
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  // The supervisor ends what it has started, which is another user's.
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  // Spilo gives Patroni a better priority than PostgreSQL's backends.
  "CAP_SYS_NICE",
] as const;
