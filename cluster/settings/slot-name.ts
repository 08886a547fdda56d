/** The name of a member's replication slot, as Patroni makes it. */
export function slotNameOf(member: string): string {
  return member.toLowerCase().replaceAll(/[-.]/g, "_");
}
