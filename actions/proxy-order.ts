import { containerExec } from "./engine/container-exec.ts";
import { type HolderReport, observeHolders } from "./status/holder.ts";

export interface OrderProxiesOptions {
  /** In the planned order, with the engines that they run on, as the docker provider takes them. */
  readonly proxies: readonly { readonly name: string; readonly engine: string }[];
  /** The endpoint's address. */
  readonly virtualAddress: string;
  /** How a program is run on an engine. @default in the container of the part */
  readonly exec?: typeof containerExec;
}

/** How long a proxy may take to say what it holds. */
const ASK_MS = 3_000;

/**
 * The order in which proxies are taken if they are to be replaced: the one that holds the endpoint's address comes last,
 * so that it moves once. When none of them says that it holds it, the planned order.
 */
export async function orderProxies(options: OrderProxiesOptions): Promise<readonly string[]> {
  const { proxies, virtualAddress, exec = containerExec } = options;
  if (proxies.length < 2) return proxies.map(({ name }) => name);
  const engines = new Map(proxies.map(({ name, engine }) => [name, engine]));
  const handle = {
    proxies: proxies.map((proxy) => ({ ...proxy, address: "" })),
    endpoint: { address: virtualAddress, readWritePort: 0, readOnlyPort: 0 },
    execOn: (name: string) => exec(engines.get(name) ?? ""),
  };
  const reports = await observeHolders(handle, ASK_MS);
  const holds = ({ holds }: HolderReport) => "known" in holds && holds.known;
  return [...reports.filter((one) => !holds(one)), ...reports.filter(holds)].map(({ proxy }) => proxy);
}
