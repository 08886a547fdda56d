import { containerPaths, type VoterPlan } from "../../cluster/index.ts";
import type { IdentityFiles } from "../identity.ts";
import type { ConfigurationFile, Part } from "../platform.ts";
import { configured } from "./configuration.ts";
import type { ContainerOrder, DockerZone } from "./zone.ts";

/** An etcd voter with its data on a volume. It reads its certificate anew at every handshake. */
export function makeVoter(
  zone: DockerZone,
  plan: VoterPlan,
  configuration: ConfigurationFile,
  files: IdentityFiles,
  order: ContainerOrder,
): Part {
  const volume = zone.volume(plan, "voter");
  const { variable, ...texts } = configured([configuration]);
  const served = [plan.client, plan.peer].map((address) => ({ ...address, protocol: "tls" as const }));
  return zone.container(
    plan,
    "voter",
    { files, ...texts, owner: "root", served },
    {
      // Official images have no shell, so the program is named by its full path.
      command: ["/usr/local/bin/etcd", `--config-file=${containerPaths.voterConfig}`],
      envs: [variable],
      volumes: [{ volumeName: volume.name, containerPath: containerPaths.voterData }],
      readOnly: true,
      capabilities: { drops: ["ALL"] },
      destroyGraceSeconds: 10,
    },
    order,
  );
}
