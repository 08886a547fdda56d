import { execa } from "execa";

/** A network of its own that a stack's cluster has. */
type Subnet = `${string}/24`;

/**
 * Has the engine pass on what two clusters send each other, as routers do between two sites: it keeps their networks apart
 * otherwise.
 *
 * @returns what takes that back.
 */
export async function joinNetworks(one: Subnet, other: Subnet): Promise<() => Promise<void>> {
  const rules = [
    ["-s", one, "-d", other, "-j", "ACCEPT"],
    ["-s", other, "-d", one, "-j", "ACCEPT"],
  ];
  const apply = async (verb: "-I" | "-D", reject: boolean) => {
    for (const rule of rules) await execa("iptables", ["-w", verb, "DOCKER-USER", ...rule], { reject });
  };
  await apply("-I", true);
  return () => apply("-D", false);
}
