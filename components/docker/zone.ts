import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  containerPaths,
  type KeepingPartPlan,
  type PartPlan,
  type ZonePlan,
} from "../../cluster/index.ts";
import { digestOfArgs } from "../digest-of-args.ts";
import type { IdentifiedPart, IdentityFiles } from "../identity.ts";
import type { After, Part, TakeTurn } from "../platform.ts";
import { Identity, type IdentityArgs } from "../resources/identity.ts";
import { ProcessLimits } from "../resources/process-limits.ts";
import type { DistrustingPart } from "../resources/trusting-part.ts";
import { type Ground, hostNetwork, ownNetwork } from "./ground.ts";
import { labelsOf, type PartKind } from "./labels.ts";
import { type Leave, Room } from "./room.ts";

/** What a part has that is put into a volume, and how it takes up another one while it runs. */
export interface PartIdentity extends Omit<IdentityArgs, "part" | "engine" | "image" | "volume" | "files"> {
  readonly files: IdentityFiles;
}

/** What has to be there before a container is made or replaced. */
export interface ContainerOrder {
  readonly dependsOn?: After;
  /** Comes last of it. @default nothing does */
  readonly turn?: TakeTurn;
  /** Gets one that is left over ready to be removed. @default nothing does */
  readonly leave?: Leave;
}

/** One Docker engine, with what every container on it needs. */
export class DockerZone {
  /** The engine's address, as actions reach it. */
  readonly engine: string;
  private readonly plan: ClusterPlan;
  private readonly name: string;
  private readonly incarnation: pulumi.Output<string>;
  private readonly opts: pulumi.CustomResourceOptions;
  private readonly ground: Ground;
  private readonly room: Room;
  private readonly images = new Map<string, docker.RemoteImage>();
  /** Parts with the files by which they are known. */
  readonly identified: IdentifiedPart[] = [];
  private readonly limited: { name: string; id: pulumi.Output<string>; processes: number }[] = [];

  constructor(
    plan: ClusterPlan,
    zone: ZonePlan,
    incarnation: pulumi.Output<string>,
    opts: { readonly parent: pulumi.Resource },
  ) {
    this.plan = plan;
    this.name = zone.name;
    this.incarnation = incarnation;
    const makeGround = plan.network === undefined ? hostNetwork : ownNetwork;
    this.ground = makeGround({ plan, zone, incarnation, within: opts });
    this.engine = this.ground.engine;
    this.opts = this.ground.opts;
    this.room = new Room({ cluster: plan.cluster, zone: zone.name, engine: this.engine });
  }

  /** The volume of a part. Its name ends in the incarnation: data of an earlier cluster is never adopted. */
  volume(part: KeepingPartPlan, kind: PartKind): docker.Volume {
    return this.makeVolume(part.volume, kind, { retainOnDelete: part.retained });
  }

  /** A container with its planned name, address and limits; `args` says what is special about it. */
  container(
    part: PartPlan,
    kind: PartKind,
    identity: PartIdentity,
    { volumes = [], ...args }: ContainerArgs,
    { dependsOn = [], turn, leave }: ContainerOrder = {},
  ): Part {
    const image = this.imageId(part.image);
    const identified = this.identify(part, kind, image, identity);
    const made: docker.ContainerArgs = {
      name: part.name,
      hostname: part.name,
      image,
      ...this.ground.network(part),
      volumes: [
        ...volumes,
        { volumeName: identified.volume, containerPath: containerPaths.identity, readOnly: true },
      ],
      // Swap is as large as memory says: none. A limit of one without the other is a change at every preview.
      memory: part.memoryMib,
      memorySwap: part.memoryMib,
      securityOpts: ["no-new-privileges"],
      // Also after a restart of the engine for what was killed by hand.
      restart: "always",
      // Without limits a log grows until the disk is full.
      logDriver: "json-file",
      logOpts: { "max-size": "20m", "max-file": "3" },
      labels: this.labels(kind),
      ...args,
    };
    const last = turn === undefined ? [] : [turn(digestOfArgs(made))];
    const after = pulumi.output(dependsOn).apply((parts) => [identified.resource, ...parts, ...last]);
    const container = new docker.Container(part.name, made, {
      ...this.opts,
      ...this.room.before(part.name, leave),
      dependsOn: after,
      deleteBeforeReplace: true,
      // Changed in place, a limit would reach a running leader without the procedure of a replacement.
      replaceOnChanges: ["memory", "memorySwap"],
    });
    this.limited.push({ name: part.name, id: container.id, processes: part.processes });
    const files = { engine: this.engine, image, volume: identified.volume };
    return { resource: container, identity: container.id, files };
  }

  /** The docker provider has no input for it. */
  limitProcesses(): void {
    const name = `${this.plan.cluster}-${this.name}-process-limits`;
    new ProcessLimits(name, { engine: this.engine, containers: this.limited }, this.ground.own);
  }

  private identify(
    part: PartPlan,
    kind: PartKind,
    image: pulumi.Output<string>,
    identity: PartIdentity,
  ): { readonly resource: pulumi.Resource; readonly volume: pulumi.Output<string> } {
    const { name: volume } = this.makeVolume(`${part.name}-identity`, kind);
    const place = { part: part.name, engine: this.engine, image, volume };
    const resource = new Identity(`${part.name}-files`, { ...place, ...identity }, this.ground.own);
    const reads = readsAuthorities[kind];
    const { files, served, reload } = identity;
    const told = reload === undefined ? { files, served } : { files, served, reload };
    const names = { certificate: part.certificate, days: this.plan.tls.leafDays };
    this.identified.push({
      taken: resource.id,
      ...(reads === undefined ? {} : { trusting: { ...place, ...told, ...names, reads } }),
    });
    return { resource, volume };
  }

  private makeVolume(
    logicalName: string,
    kind: PartKind,
    keep: { readonly retainOnDelete?: boolean } = {},
  ): docker.Volume {
    const name = pulumi.interpolate`${logicalName}-${this.incarnation}`;
    return new docker.Volume(logicalName, { name, labels: this.labels(kind) }, { ...this.opts, ...keep });
  }

  /** Kept on the engine when the stack goes: removing the tag would take it from other stacks as well. */
  private imageId(image: string): pulumi.Output<string> {
    const known = this.images.get(image) ?? this.makeImage(image);
    this.images.set(image, known);
    return known.imageId;
  }

  private makeImage(image: string): docker.RemoteImage {
    const zone = this.plan.network === undefined ? `${this.name}-` : "";
    const name = `${this.plan.cluster}-${zone}image-${image.replaceAll(/[^A-Za-z0-9.]+/g, "-")}`;
    const opts = { ...this.opts, dependsOn: [...this.ground.image(image)] };
    return new docker.RemoteImage(name, { name: image, keepLocally: true }, opts);
  }

  private labels(kind: PartKind) {
    return labelsOf({ cluster: this.plan.cluster, incarnation: this.incarnation }, kind);
  }
}

type ContainerArgs = Omit<docker.ContainerArgs, "image" | "volumes"> & {
  readonly volumes?: readonly docker.types.input.ContainerVolume[];
};

/** When a kind of part looks at whom it trusts; the S3 server wants to see nobody's certificate. */
const readsAuthorities: Readonly<Partial<Record<PartKind, DistrustingPart["reads"]>>> = {
  // etcd never does again.
  voter: "start",
  // Patroni's REST API goes by the serial number of its own certificate.
  member: "certificate",
  proxy: "reload",
};
