import * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  type EnvVariable,
  type MemberPlan,
  renderArchiveEnv,
  renderMemberEnv,
  renderSpiloConfiguration,
} from "../cluster/index.ts";
import type { Platform, StoreKey, Variable } from "./platform.ts";
import { Joined } from "./resources/joined.ts";
import { type ClusterSecrets, restUser } from "./secrets.ts";

export interface MemberSecrets extends ClusterSecrets {
  readonly store: StoreKey;
}

/**
 * All members, in a chain: each depends on the one before having joined, so a change of all of them replaces one at a
 * time. Names and addresses are planned and never read back from another member, as that would replace them all at once.
 *
 * @returns what there is when all members exist.
 */
export function makeMembers(
  plan: ClusterPlan,
  platform: Platform,
  incarnation: pulumi.Output<string>,
  secrets: MemberSecrets,
  after: readonly pulumi.Resource[],
  opts: { readonly parent: pulumi.Resource },
): readonly pulumi.Resource[] {
  const joined: Joined[] = [];
  for (const member of plan.members) {
    const environment = environmentOf(plan, member, incarnation, secrets);
    const before = joined.at(-1);
    const part = platform.member(member, environment, before === undefined ? after : [...after, before]);
    const args = { member: member.name, restUrl: restUrlOf(member), container: part.identity };
    joined.push(new Joined(`${member.name}-joined`, args, opts));
  }
  return joined;
}

export function restUrlOf({ rest }: MemberPlan): string {
  return `http://${rest.host}:${rest.port}`;
}

function environmentOf(
  plan: ClusterPlan,
  member: MemberPlan,
  incarnation: pulumi.Output<string>,
  secrets: MemberSecrets,
): readonly Variable[] {
  const configuration = secrets.rest.apply((restPassword) =>
    renderSpiloConfiguration(plan, { restUser, restPassword }),
  );
  return [
    ...inEach(incarnation, (token) => renderMemberEnv(plan, member, token)),
    ...inEach(incarnation, (token) => renderArchiveEnv(plan, token)),
    { name: "AWS_ACCESS_KEY_ID", value: secrets.store.accessKey },
    { name: "AWS_SECRET_ACCESS_KEY", value: pulumi.secret(secrets.store.secretKey) },
    { name: "PGPASSWORD_STANDBY", value: secrets.standby },
    { name: "PGPASSWORD_SUPERUSER", value: secrets.superuser },
    { name: "SPILO_CONFIGURATION", value: configuration },
  ];
}

/** Variables one by one, although only their values wait for the incarnation: which there are is known before. */
function inEach(
  incarnation: pulumi.Output<string>,
  render: (incarnation: string) => readonly EnvVariable[],
): readonly Variable[] {
  return render("0").map(({ name, value: known }) => {
    const value = (token: string) => render(token).find((variable) => variable.name === name)?.value ?? "";
    return { name, value: value("1") === known ? known : incarnation.apply(value) };
  });
}
