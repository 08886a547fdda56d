import type { OperatingHandle } from "../handle.ts";
import { declaredSlotsIn } from "../patroni/declared-slots.ts";
import { logicalSlotsReader } from "../settings/logical-slots.ts";

type SlotHandle = Pick<OperatingHandle, "members" | "patroni" | "access" | "operator">;

/**
 * The declared logical slots that the leader has and a standby has not: where that standby takes over, Patroni makes them
 * anew at its position, and whoever reads them never learns of what they had not read.
 *
 * @throws ActionError as the clients do.
 */
export async function uncopiedSlots(
  { members, patroni, access, operator }: SlotHandle,
  leader: string,
  standby: string,
): Promise<readonly string[]> {
  const [from, to] = [leader, standby].map((name) => members.find((member) => member.name === name));
  if (from === undefined || to === undefined) return [];
  const { logical } = declaredSlotsIn(await patroni.config(from.restUrl));
  if (logical.length === 0) return [];
  const read = logicalSlotsReader({ access, ...operator });
  const [held = [], copied = []] = await Promise.all(
    [from, to].map(({ address: host, postgresPort: port }) => read({ host, port })),
  );
  return logical.filter((name) => held.includes(name) && !copied.includes(name));
}
