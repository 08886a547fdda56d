import * as pulumi from "@pulumi/pulumi";
import type { ImageNames } from "./cluster/index.ts";
import { type SourceValue, SpiloCluster, type SpiloClusterArgs } from "./components/index.ts";

const config = new pulumi.Config("spilo");
const specification = config.requireObject<SpiloClusterArgs>("cluster");
const followed =
  config.get("source") === undefined ? undefined : config.requireSecretObject<SourceValue>("source");
const certificate = config.get("caCertificate");
const privateKey = config.getSecret("caPrivateKey") ?? "";

function keyOf(store: "s3" | "origin" | "second") {
  const [accessKey, secretKey] = [config.get(`${store}AccessKey`), config.getSecret(`${store}SecretKey`)];
  return accessKey === undefined || secretKey === undefined ? undefined : { accessKey, secretKey };
}

const cluster = new SpiloCluster("cluster", {
  ...specification,
  images: config.getObject<ImageNames>("images"),
  storeKey: keyOf("s3"),
  originKey: keyOf("origin"),
  secondKey: keyOf("second"),
  source: followed,
  authority: certificate === undefined ? undefined : { certificate, privateKey },
});

export const name = specification.name;
export const { endpoint, uri, readOnlyUri, multiHostUri, multiHostReadOnlyUri } = cluster;
/** None unless `endpoint.pooled` is on. */
export const pooledUri = cluster.pooledUri ?? null;
/** None unless `replicas` has any. */
export const replicasUri = cluster.replicasUri ?? null;
export const { members, replicas, voters, proxies, synchronousStandbys, recovery, archive, incarnation } =
  cluster;
export const { placement, maintenance, volumeMib, survives, ca, credentials, standbyOf, source } = cluster;
