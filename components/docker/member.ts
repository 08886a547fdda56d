import * as pulumi from "@pulumi/pulumi";
import { containerPaths, type MemberPlan } from "../../cluster/index.ts";
import type { Part, Variable } from "../platform.ts";
import type { DockerZone } from "./zone.ts";

/** A Spilo container: PostgreSQL and its Patroni, with the data on a volume. */
export function makeMember(
  zone: DockerZone,
  plan: MemberPlan,
  environment: readonly Variable[],
  after: readonly pulumi.Resource[],
): Part {
  const volume = zone.volume(plan, "member");
  return zone.container(
    plan,
    "member",
    {
      // One output a variable: a preview then names the variable that changes, and hides only those that are secret.
      envs: environment.map(({ name, value }) => pulumi.interpolate`${name}=${value}`),
      volumes: [{ volumeName: volume.name, containerPath: containerPaths.memberData }],
      shmSize: plan.shmMib,
      // Swap is as large as memory says: none. A limit of one without the other is a change at every preview.
      ...(plan.memoryMib === undefined ? {} : { memory: plan.memoryMib, memorySwap: plan.memoryMib }),
      ...(plan.cpus === undefined ? {} : { cpus: String(plan.cpus) }),
      // Spilo gives Patroni a better priority than PostgreSQL's backends.
      capabilities: { adds: ["CAP_SYS_NICE"] },
      // Patroni hands the leadership over and PostgreSQL writes its checkpoint before they end.
      destroyGraceSeconds: 60,
      stopTimeout: 60,
    },
    // Changed in place, a limit would reach a running leader without the procedure of a replacement.
    { dependsOn: [...after], replaceOnChanges: ["memory", "memorySwap"] },
  );
}
