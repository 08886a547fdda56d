import * as pulumi from "@pulumi/pulumi";
import type { ImageNames } from "./cluster/index.ts";
import { outputsOf, type SourceValue, SpiloCluster, type SpiloClusterArgs } from "./components/index.ts";

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

const outputs = outputsOf(
  new SpiloCluster("cluster", {
    ...specification,
    images: config.getObject<ImageNames>("images"),
    storeKey: keyOf("s3"),
    originKey: keyOf("origin"),
    secondKey: keyOf("second"),
    source: followed,
    authority: certificate === undefined ? undefined : { certificate, privateKey },
  }),
);

export const { name, endpoint, uri, readOnlyUri, pooledUri, replicasUri } = outputs;
export const { multiHostUri, multiHostReadOnlyUri, members, replicas, voters, proxies } = outputs;
export const { synchronousStandbys, recovery, archive, incarnation, placement, maintenance } = outputs;
export const { volumeMib, survives, ca, credentials, standbyOf, source } = outputs;
