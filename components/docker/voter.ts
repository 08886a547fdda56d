import type * as pulumi from "@pulumi/pulumi";
import { containerPaths, type VoterPlan } from "../../cluster/index.ts";
import type { Part } from "../platform.ts";
import type { DockerZone } from "./zone.ts";

/** An etcd voter with its data on a volume. */
export function makeVoter(zone: DockerZone, plan: VoterPlan, configuration: pulumi.Input<string>): Part {
  const volume = zone.volume(plan, "voter");
  return zone.container(plan, "voter", {
    // Official images have no shell, so the program is named by its full path.
    command: ["/usr/local/bin/etcd", `--config-file=${containerPaths.voterConfig}`],
    uploads: [{ file: containerPaths.voterConfig, content: configuration }],
    volumes: [{ volumeName: volume.name, containerPath: containerPaths.voterData }],
    destroyGraceSeconds: 10,
  });
}
