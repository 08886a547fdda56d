import type * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  containerPaths,
  type ProxyPlan,
  renderHaproxy,
  renderKeepalived,
} from "../cluster/index.ts";
import type { ConfigurationFile, Platform } from "./platform.ts";
import type { Pooler } from "./pooler.ts";
import { Serving } from "./resources/serving.ts";
import type { ClusterSecrets } from "./secrets.ts";

/**
 * The proxies that share the endpoint's address, in a chain: each depends on the one before serving again, so a change
 * of all of them leaves clients one at any time. No member is an input of theirs.
 *
 * @returns the proxies themselves.
 */
export function makeProxies(
  plan: ClusterPlan,
  platform: Platform,
  secrets: ClusterSecrets,
  pooler: Pooler | undefined,
  opts: { readonly parent: pulumi.Resource },
): readonly pulumi.Resource[] {
  const all: pulumi.Resource[] = [];
  let before: readonly pulumi.Resource[] = [];
  for (const proxy of plan.proxies) {
    const part = platform.proxy(proxy, [...filesOf(plan, proxy, secrets), ...(pooler?.files ?? [])], before);
    all.push(part.resource);
    const args = {
      proxy: proxy.name,
      address: proxy.address,
      port: plan.endpoint.readWritePort,
      container: part.identity,
    };
    before = [new Serving(`${proxy.name}-serving`, args, opts)];
  }
  return all;
}

function filesOf(
  plan: ClusterPlan,
  proxy: ProxyPlan,
  { vrrp }: ClusterSecrets,
): readonly ConfigurationFile[] {
  return [
    { path: containerPaths.proxyConfig, content: renderHaproxy(plan, proxy) },
    {
      path: containerPaths.keepalivedConfig,
      content: vrrp.apply((secret) => renderKeepalived(plan, proxy, secret)),
      secret: true,
    },
  ];
}
