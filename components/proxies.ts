import * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  containerPaths,
  type ProxyPlan,
  renderHaproxy,
  renderKeepalived,
} from "../cluster/index.ts";
import type { Base } from "./base.ts";
import { Chain } from "./chain.ts";
import type { ConfigurationFile } from "./platform.ts";
import { type Pooler, poolerFiles } from "./pooler.ts";
import { Serving } from "./resources/serving.ts";
import type { ClusterSecrets } from "./secrets.ts";

/**
 * The proxies that share the endpoint's address, in a chain: each depends on the one before serving again, so a change
 * of all of them leaves clients one at any time, and whoever holds the address comes last. No member is an input of
 * theirs.
 *
 * @param after what has to be done before the first of them.
 * @returns what there is when all proxies serve.
 */
export function makeProxies(
  base: Base,
  pooler: Pooler | undefined,
  after: readonly pulumi.Resource[] = [],
): readonly pulumi.Resource[] {
  const { plan, platform, secrets, identities, within } = base;
  const chain = new Chain(after, holderLast(base, after));
  for (const proxy of plan.proxies) {
    const identity = identities.issue(proxy.name, proxy.certificate, "proxy");
    const files = filesOf(plan, proxy, secrets, pooler);
    const part = platform.proxy(proxy, files, identity, chain.before(proxy.name));
    const args = {
      proxy: proxy.name,
      address: proxy.address,
      port: plan.endpoint.readWritePort,
      container: part.identity,
    };
    chain.endsWith(proxy.name, new Serving(`${proxy.name}-serving`, args, within));
  }
  return chain.all;
}

/**
 * Asked when all that comes before them is done, as the address may have moved meanwhile. A preview asks nobody: it says
 * the same whoever holds it.
 */
function holderLast(
  { plan, platform, orders }: Base,
  after: readonly pulumi.Resource[],
): pulumi.Output<readonly string[]> {
  const asPlanned = pulumi.output(plan.proxies.map(({ name }) => name));
  if (pulumi.runtime.isDryRun() || plan.endpoint.hosts !== undefined) return asPlanned;
  const proxies = plan.proxies.map((proxy) => ({ name: proxy.name, engine: platform.engineOf(proxy) }));
  const done = pulumi.all(after.map(({ urn }) => urn));
  return done.apply(async () => orders.proxies({ proxies, virtualAddress: plan.endpoint.address }));
}

function filesOf(
  plan: ClusterPlan,
  proxy: ProxyPlan,
  { vrrp }: ClusterSecrets,
  pooler: Pooler | undefined,
): readonly ConfigurationFile[] {
  return [
    { path: containerPaths.proxyConfig, content: renderHaproxy(plan, proxy) },
    ...addressFiles(plan, proxy, vrrp),
    ...(pooler === undefined ? [] : poolerFiles(plan, proxy, pooler)),
  ];
}

/** Nothing where no address moves between the proxies. */
function addressFiles(
  plan: ClusterPlan,
  proxy: ProxyPlan,
  secret: ClusterSecrets["vrrp"],
): readonly ConfigurationFile[] {
  if (proxy.vrrp === undefined) return [];
  return [
    {
      path: containerPaths.keepalivedConfig,
      content: secret.apply((value) => renderKeepalived(plan, proxy, value)),
      withoutSecret: renderKeepalived(plan, proxy, ""),
    },
  ];
}
