import type * as pulumi from "@pulumi/pulumi";
import type { Base } from "./base.ts";
import type { Members } from "./members.ts";
import { reachOf } from "./reach.ts";
import { MemberTags } from "./resources/member-tags.ts";

/**
 * Says to Patroni which members may have synchronous commits, where not all of them may. By a reload, and no part of the
 * containers: who may changes when a zone is lost or comes back, and that replaces nobody.
 *
 * @param after the cluster serves by then: a member that has yet to start would keep the next one waiting.
 */
export function makeTags(
  base: Base,
  { containers }: Members,
  after: pulumi.Resource,
): readonly pulumi.Resource[] {
  const { plan, platform, within } = base;
  if (plan.placement.mode === "zonal") return [];
  const cluster = reachOf(base);
  return plan.members.map(({ name, zone, synchronous }) => {
    const container = containers.get(name) ?? "";
    const args = {
      member: name,
      engine: platform.engineOf({ name, zone }),
      container,
      nosync: !synchronous,
      cluster,
    };
    return new MemberTags(`${name}-tags`, args, { ...within, dependsOn: after });
  });
}
