import * as pulumi from "@pulumi/pulumi";
import type { MachinePlan } from "../../cluster/aws/aws-plan.ts";
import type { ContainerOrder } from "../../cluster/aws/container-order.ts";
import { assumedBy, machinePolicy } from "../../cluster/aws/policies.ts";
import { renderUserData } from "../../cluster/aws/user-data.ts";
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
}

/**
 * One part's machine. Its address and its data volume are there before it and stay when it is replaced, for which the
 * former one goes first: neither can be at two.
 */
export function makeMachine(place: AwsPlace, making: MachineMaking): Part {
  const { aws, opts, cluster, incarnation, on } = place;
  const { machine, order, subnet, group, engine, after, turn, ways } = making;
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
    .all([incarnation, volume.id, secrets.files.arn, secrets.environment.arn, secrets.environment.version])
    .apply(([token, volumeId, filesSecret, environmentSecret, environmentVersion]) =>
      renderUserData(machine, order, {
        ...{ cluster, incarnation: token, region: on.region, bucket: on.bucket.name, volume: volumeId },
        ...{ filesSecret, environmentSecret, environmentVersion },
      }),
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
      secrets.files.resource,
      secrets.environment.resource,
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
}

/** New files are taken up by what runs; another environment or configuration is another version, and another machine. */
function secretsOf(
  place: AwsPlace,
  { machine, identity, environment, configuration }: MachineMaking,
): MachineSecrets {
  const files = pulumi
    .all(Object.entries(identity).map(([name, { content, mode }]) => pulumi.all([name, content, mode])))
    .apply((known) => known.map(([name, content, mode]) => [name, { content, mode }] as const));
  const configured = pulumi.all(
    configuration.map(({ path, content, withoutSecret }) =>
      pulumi.all([path, content, withoutSecret === undefined ? 0o644 : 0o600]),
    ),
  );
  const all = pulumi.all([files, configured]).apply(([own, texts]) => ({
    ...Object.fromEntries(own),
    ...Object.fromEntries(
      texts.map(([path, content, mode]) => [path.slice(path.lastIndexOf("/") + 1), { content, mode }]),
    ),
  }));
  const variables = pulumi
    .all(environment.map(({ name, value }) => pulumi.all([name, value])))
    .apply((known) => known.map(([name, value]) => [name, value] as const));
  const replacing = pulumi.all(configuration.map(({ content, replacedBy }) => replacedBy ?? content));
  return {
    files: makeSecret(place, machine.part, "files", all),
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
  };
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
  { aws, opts, cluster, incarnation, on }: AwsPlace,
  { part, kind, agent }: MachinePlan,
  { files, environment }: MachineSecrets,
  volume: pulumi.Output<string>,
) {
  const role = new aws.iam.Role(part, { assumeRolePolicy: JSON.stringify(assumedBy("ec2")) }, opts);
  const policy = new aws.iam.RolePolicy(
    part,
    {
      role: role.name,
      policy: pulumi
        .all([incarnation, files.arn, environment.arn, volume])
        .apply(([token, ...[filesArn, environmentArn, volumeId]]) =>
          JSON.stringify(
            machinePolicy({
              ...{ kind, cluster, incarnation: token, bucket: on.bucket.name },
              ...{ secrets: [environmentArn, filesArn], volume: volumeId, agent },
            }),
          ),
        ),
    },
    opts,
  );
  const profile = new aws.iam.InstanceProfile(part, { role: role.name }, opts);
  return { name: profile.name, policy };
}
