import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterPlan, KeepingPartPlan, ZonePlan } from "../../cluster/index.ts";
import type { Part } from "../platform.ts";
import { labelsOf, type PartKind } from "./labels.ts";
import { makeNetwork } from "./network.ts";

/** One Docker engine, with what every container on it needs. */
export class DockerZone {
  readonly host: string;
  private readonly plan: ClusterPlan;
  private readonly incarnation: pulumi.Output<string>;
  private readonly opts: pulumi.CustomResourceOptions;
  private readonly network: docker.Network;
  private readonly images = new Map<string, docker.RemoteImage>();

  constructor(
    plan: ClusterPlan,
    zone: ZonePlan,
    incarnation: pulumi.Output<string>,
    opts: { readonly parent: pulumi.Resource },
  ) {
    this.plan = plan;
    this.host = zone.host;
    this.incarnation = incarnation;
    const provider = new docker.Provider(`${plan.cluster}-${zone.name}`, { host: zone.host }, opts);
    this.opts = { ...opts, provider };
    this.network = makeNetwork(plan, `${plan.cluster}-${zone.name}-network`, this.opts);
  }

  /** The volume of a part. Its name ends in the incarnation: data of an earlier cluster is never adopted. */
  volume(part: KeepingPartPlan, kind: PartKind): docker.Volume {
    const name = pulumi.interpolate`${part.volume}-${this.incarnation}`;
    return new docker.Volume(part.volume, { name, labels: this.labels(kind) }, this.opts);
  }

  /** A container with its planned name and address; `args` says what is special about it. */
  container(
    part: { readonly name: string; readonly address: string; readonly image: string },
    kind: PartKind,
    args: Omit<docker.ContainerArgs, "image">,
    opts: pulumi.CustomResourceOptions = {},
  ): Part {
    const container = new docker.Container(
      part.name,
      {
        name: part.name,
        hostname: part.name,
        image: this.imageId(part.image),
        // The network's name is taken from the network itself: if it is replaced, the containers on it go first.
        networksAdvanced: [{ name: this.network.name, ipv4Address: part.address }],
        // Also after a restart of the engine for what was killed by hand.
        restart: "always",
        // Without limits a log grows until the disk is full.
        logDriver: "json-file",
        logOpts: { "max-size": "20m", "max-file": "3" },
        labels: this.labels(kind),
        ...args,
      },
      { ...this.opts, ...opts, deleteBeforeReplace: true },
    );
    return { resource: container, identity: container.id };
  }

  /** Kept on the engine when the stack goes: removing the tag would take it from other stacks as well. */
  private imageId(image: string): pulumi.Output<string> {
    const name = `${this.plan.cluster}-image-${image.replaceAll(/[^A-Za-z0-9.]+/g, "-")}`;
    const known =
      this.images.get(image) ?? new docker.RemoteImage(name, { name: image, keepLocally: true }, this.opts);
    this.images.set(image, known);
    return known.imageId;
  }

  private labels(kind: PartKind) {
    return labelsOf({ cluster: this.plan.cluster, incarnation: this.incarnation }, kind);
  }
}
