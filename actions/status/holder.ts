import { ActionError } from "../action-error.ts";
import type { ClusterHandle } from "../handle.ts";
import { ASK_MS, type Asked, ask } from "./ask.ts";

/** Whether a proxy holds the endpoint's address now; where each has one of its own, whether it has that. */
export interface HolderReport {
  readonly proxy: string;
  readonly holds: Asked<boolean>;
}

/** Asks each proxy for itself, in its container: nobody else knows which of them holds the address. */
export async function observeHolders(
  { proxies, endpoint, execOn }: Pick<ClusterHandle, "proxies" | "endpoint" | "execOn">,
  askMs: number = ASK_MS,
): Promise<readonly HolderReport[]> {
  return Promise.all(
    proxies.map(async ({ name, address }) => {
      const held = endpoint.hosts === undefined ? endpoint.address : address;
      const command = ["ip", "-oneline", "-4", "address", "show", "to", held];
      const holds = await ask(async () => {
        const ended = await execOn(name)(name, command, { user: "root", timeoutMs: askMs });
        if (ended.exitCode === 0) return ended.output.trim() !== "";
        throw new ActionError("failed", `${name}: ip ended with ${ended.exitCode}: ${ended.errors.trim()}`);
      }, askMs);
      return { proxy: name, holds };
    }),
  );
}
