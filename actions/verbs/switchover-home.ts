import { homeOf } from "../../cluster/running/home.ts";
import type { ClusterHandle } from "../handle.ts";
import { roleTools } from "../switchover/role-tools.ts";
import { type SwitchoverOptions, type SwitchoverReport, switchover } from "./switchover.ts";
import { type Narrator, Refusal } from "./verb.ts";

/**
 * Hands the leadership to the member that belongs at home: in `placement.primaryZone`, and with synchronous commits.
 * Without such a wish, a leader that may have those is at home anywhere.
 *
 * @throws Refusal with every reason, such as that the zone is not available; nothing was changed.
 * @throws ActionError as `switchover` does.
 */
export async function switchoverHome(
  handle: ClusterHandle,
  options: Omit<SwitchoverOptions, "to">,
  narrator: Narrator,
): Promise<SwitchoverReport> {
  const tools = options.tools ?? roleTools(handle);
  const decision = homeOf(await tools.observe(), handle);
  switch (decision.kind) {
    case "refused":
      throw new Refusal(decision.reasons, decision.remedy);
    case "go":
      return await switchover(handle, { ...options, tools, to: decision.to }, narrator);
    case "already": {
      const { leader, zone } = decision;
      narrator.note(
        zone === undefined
          ? `${leader} leads, may have synchronous commits, and belongs in no zone more than in another`
          : `${leader} leads, and is at home in zone ${zone}`,
      );
      return { cluster: handle.name, already: true, from: leader, to: leader, pools: [], steps: [] };
    }
  }
}
