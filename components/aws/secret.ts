import * as pulumi from "@pulumi/pulumi";
import type { After } from "../platform.ts";
import type { AwsPlace } from "./place.ts";

/** A secret that a machine reads, and the version of it that is in force. */
export interface MachineSecret {
  readonly arn: pulumi.Output<string>;
  readonly version: pulumi.Output<string>;
  /** What has to be there before it can be read. */
  readonly resource: pulumi.Resource;
}

/**
 * @param document treated as a secret, whatever form it comes in.
 * @param after what has to be there before a new version of it is. @default nothing has to
 */
export function makeSecret(
  { aws, cluster, incarnation, on, opts }: AwsPlace,
  part: string,
  what: "files" | "environment" | "pooler",
  document: pulumi.Output<object>,
  after?: After,
): MachineSecret {
  const name = `${part}-${what}`;
  const secret = new aws.secretsmanager.Secret(
    name,
    {
      name: pulumi.interpolate`pulumi-spilo/${cluster}/${incarnation}/${part}/${what}`,
      description: `${what} of ${part}`,
      recoveryWindowInDays: on.secretRecoveryDays,
    },
    opts,
  );
  const secretString = pulumi.secret(document.apply((known) => JSON.stringify(known)));
  const version = new aws.secretsmanager.SecretVersion(
    name,
    { secretId: secret.id, secretString },
    pulumi.mergeOptions(opts, {
      additionalSecretOutputs: ["secretString"],
      ...(after === undefined ? {} : { dependsOn: pulumi.output(after).apply((parts) => [...parts]) }),
    }),
  );
  return { arn: secret.arn, version: version.versionId, resource: version };
}
