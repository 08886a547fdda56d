import { basename } from "node:path/posix";
import * as pulumi from "@pulumi/pulumi";
import type { MachinePlan } from "../../cluster/aws/aws-plan.ts";
import type { ContainerOrder } from "../../cluster/aws/container-order.ts";
import { assumedBy, machinePolicy } from "../../cluster/aws/policies.ts";
import { renderUserData } from "../../cluster/aws/user-data.ts";
import { identityFiles } from "../../cluster/index.ts";
import { digestOfArgs } from "../digest-of-args.ts";
import type { IdentityFiles } from "../identity.ts";
import type { After, ConfigurationFile, Part, TakeTurn, Variable } from "../platform.ts";
import { type AwsPlace, tagsOf } from "./place.ts";
import { type MachineSecret, makeSecret } from "./secret.ts";

/** What a machine is made of. */
export interface MachineMaking {
  readonly machine: MachinePlan;
  readonly order: ContainerOrder;
  readonly environment: readonly Variable[];
  readonly configuration: readonly ConfigurationFile[];
  readonly identity: IdentityFiles;
  readonly subnet: pulumi.Input<string>;
  readonly group: pulumi.Input<string>;
  /** Where actions reach the engine on it. */
  readonly engine: string;
  readonly after: After;
  readonly turn: TakeTurn;
  /** What it needs to get at anything outside. */
  readonly ways: readonly pulumi.Resource[];
  /** What runs beside the part, and is known by the same certificate; absent: nothing does. */
  readonly pooler?: { readonly order: ContainerOrder; readonly configuration: readonly ConfigurationFile[] };
}

/**
 * One part's machine. Its address and its data volume are there before it and stay when it is replaced, for which the
 * former one goes first: neither can be at two.
 */
export function makeMachine(place: AwsPlace, making: MachineMaking): Part {
  const { aws, opts, cluster, incarnation, on } = place;
  const { machine, order, subnet, group, engine, after, turn, ways, pooler } = making;
  const { part } = machine;
  const secrets = secretsOf(place, making);
  const volume = makeVolume(place, machine);
  const address = new aws.ec2.NetworkInterface(
    part,
    {
      subnetId: subnet,
      privateIps: [machine.address],
      securityGroups: [group],
      description: `of ${part}`,
      tags: tagsOf(place, part),
    },
    opts,
  );
  const profile = makeProfile(place, machine, secrets, volume.id);
  const userData = pulumi
    .all([
      ...[incarnation, volume.id, secrets.files.arn],
      ...[secrets.environment.arn, secrets.environment.version, secrets.pooler?.arn ?? ""],
    ])
    .apply(
      ([
        token = "",
        volumeId = "",
        filesSecret = "",
        environmentSecret = "",
        environmentVersion = "",
        poolerSecret = "",
      ]) =>
        renderUserData(
          machine,
          order,
          {
            ...{ cluster, incarnation: token, region: on.region, bucket: on.bucket.name, volume: volumeId },
            ...{ filesSecret, environmentSecret, environmentVersion },
          },
          pooler && { order: pooler.order, filesSecret: poolerSecret },
        ),
    );
  const made = {
    ami: machine.ami,
    instanceType: machine.instanceType,
    keyName: machine.keyPair,
    iamInstanceProfile: profile.name,
    primaryNetworkInterface: { networkInterfaceId: address.id },
    // No token, no answer; two hops, as a container may be one of them.
    metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 2 },
    rootBlockDevice: { volumeType: "gp3", volumeSize: 16, encrypted: true },
    userData,
    userDataReplaceOnChange: true,
    tags: tagsOf(place, part),
  };
  const last = turn(digestOfArgs(made));
  const before = pulumi
    .output(after)
    .apply((parts) => [
      ...ways,
      ...parts,
      profile.policy,
      ...Object.values(secrets).map(({ resource }: MachineSecret) => resource),
      last,
    ]);
  const instance = new aws.ec2.Instance(part, made, {
    ...opts,
    dependsOn: before,
    deleteBeforeReplace: true,
    // Changed in place, it would stop all machines at once.
    replaceOnChanges: ["instanceType"],
  });
  const attachment = new aws.ec2.VolumeAttachment(
    part,
    {
      instanceId: instance.id,
      volumeId: volume.id,
      // Machines number their disks themselves, and find this one by its id.
      deviceName: "/dev/sdf",
      stopInstanceBeforeDetaching: true,
    },
    { ...opts, deleteBeforeReplace: true },
  );
  const files = { engine, image: pulumi.output(order.image), volume: volume.id };
  // By the attachment: without its volume it is not there.
  return { resource: attachment, identity: attachment.instanceId, files };
}

interface MachineSecrets {
  readonly files: MachineSecret;
  readonly environment: MachineSecret;
  readonly pooler?: MachineSecret;
}

/** New files are taken up by what runs; another environment or configuration is another version, and another machine. */
function secretsOf(
  place: AwsPlace,
  { machine, identity, environment, configuration, after, pooler }: MachineMaking,
): MachineSecrets {
  const variables = pulumi
    .all(environment.map(({ name, value }) => pulumi.all([name, value])))
    .apply((known) => known.map(([name, value]) => [name, value] as const));
  const replacing = pulumi.all(configuration.map(({ content, replacedBy }) => replacedBy ?? content));
  return {
    files: makeSecret(place, machine.part, "files", documentOf(identity, configuration)),
    environment: makeSecret(
      place,
      machine.part,
      "environment",
      pulumi.all([variables, replacing]).apply(([known, texts]) => ({
        ...Object.fromEntries(known),
        // Nobody reads it: by it, another configuration is another version.
        ...(texts.length === 0 ? {} : { CONFIGURATION: texts.join("\n") }),
      })),
    ),
    ...(pooler === undefined
      ? {}
      : {
          // Its logins have to be open when it takes them up, which it does while it runs.
          pooler: makeSecret(
            place,
            machine.part,
            "pooler",
            documentOf(pick(identity), pooler.configuration),
            after,
          ),
        }),
  };
}

/** Files by name, each with its content and mode. */
function documentOf(
  identity: IdentityFiles,
  configuration: readonly ConfigurationFile[],
): pulumi.Output<object> {
  const files = Object.entries(identity).map(([name, { content, mode }]) =>
    pulumi.all([name, content, mode]),
  );
  const configured = configuration.map(({ path, content, withoutSecret }) =>
    pulumi.all([basename(path), content, withoutSecret === undefined ? 0o644 : 0o600]),
  );
  return pulumi
    .all([...files, ...configured])
    .apply((known) => Object.fromEntries(known.map(([name, content, mode]) => [name, { content, mode }])));
}

/** The certificate alone, of all that a member has. */
function pick(identity: IdentityFiles): IdentityFiles {
  const names: readonly string[] = [identityFiles.ca, identityFiles.certificate, identityFiles.key];
  return Object.fromEntries(Object.entries(identity).filter(([name]) => names.includes(name)));
}

function makeVolume(place: AwsPlace, { part, availabilityZone, volume: { size, retained } }: MachinePlan) {
  const { aws, opts } = place;
  const tags = tagsOf(place, `${part}-data`);
  return new aws.ebs.Volume(
    `${part}-data`,
    { availabilityZone, type: "gp3", size, encrypted: true, tags },
    { ...opts, retainOnDelete: retained },
  );
}

function makeProfile(
  { aws, opts, cluster, incarnation, origin, on }: AwsPlace,
  { part, kind, agent }: MachinePlan,
  { files, environment, pooler }: MachineSecrets,
  volume: pulumi.Output<string>,
) {
  const role = new aws.iam.Role(part, { assumeRolePolicy: JSON.stringify(assumedBy("ec2")) }, opts);
  const policy = new aws.iam.RolePolicy(
    part,
    {
      role: role.name,
      policy: pulumi
        .all([incarnation, origin, files.arn, environment.arn, volume, pooler?.arn])
        .apply(([token, archived, ...[filesArn, environmentArn, volumeId, poolerArn]]) =>
          JSON.stringify(
            machinePolicy({
              ...{ kind, cluster, incarnation: token, bucket: on.bucket.name, origin: archived },
              secrets: [environmentArn, filesArn, ...(poolerArn === undefined ? [] : [poolerArn])],
              ...{ volume: volumeId, agent },
            }),
          ),
        ),
    },
    opts,
  );
  const profile = new aws.iam.InstanceProfile(part, { role: role.name }, opts);
  return { name: profile.name, policy };
}
