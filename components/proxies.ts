import type * as pulumi from "@pulumi/pulumi";
import {
  type ClusterPlan,
  containerPaths,
  type ProxyPlan,
  renderHaproxy,
  renderKeepalived,
} from "../cluster/index.ts";
import type { Base } from "./base.ts";
import type { ConfigurationFile } from "./platform.ts";
import { type Pooler, poolerFiles } from "./pooler.ts";
import { Serving } from "./resources/serving.ts";
import type { ClusterSecrets } from "./secrets.ts";

/**
 * The proxies that share the endpoint's address, in a chain: each depends on the one before serving again, so a change
 * of all of them leaves clients one at any time. No member is an input of theirs.
 */
export function makeProxies(
  { plan, platform, secrets, identities, within }: Base,
  pooler: Pooler | undefined,
): void {
  let before: readonly pulumi.Resource[] = [];
  for (const proxy of plan.proxies) {
    const identity = identities.issue(proxy.name, proxy.certificate, "proxy");
    const part = platform.proxy(proxy, filesOf(plan, proxy, secrets, pooler), identity, before);
    const args = {
      proxy: proxy.name,
      address: proxy.address,
      port: plan.endpoint.readWritePort,
      container: part.identity,
    };
    before = [new Serving(`${proxy.name}-serving`, args, within)];
  }
}

function filesOf(
  plan: ClusterPlan,
  proxy: ProxyPlan,
  { vrrp }: ClusterSecrets,
  pooler: Pooler | undefined,
): readonly ConfigurationFile[] {
  return [
    { path: containerPaths.proxyConfig, content: renderHaproxy(plan, proxy) },
    {
      path: containerPaths.keepalivedConfig,
      content: vrrp.apply((secret) => renderKeepalived(plan, proxy, secret)),
      withoutSecret: renderKeepalived(plan, proxy, ""),
    },
    ...(pooler === undefined ? [] : poolerFiles(plan, proxy, pooler)),
  ];
}
