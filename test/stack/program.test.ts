import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { certificateOf } from "./recorder.ts";

it("the program makes the cluster of the configuration, with the images of this machine", async () => {
  const images: string[] = [];
  const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
    if (type === "docker:index/remoteImage:RemoteImage") images.push(String(inputs["name"]));
    const made = { token: "1a2b3c4d", value: "password", certificate: certificateOf(name) };
    return { id: `${name}-id`, state: { ...inputs, ...made } };
  };
  await pulumi.runtime.setMocks({ newResource, call: () => ({}) }, "pulumi-spilo", "dev");
  pulumi.runtime.setAllConfig({
    "spilo:cluster": JSON.stringify({ name: "orders", image: "mine:1" }),
    "spilo:images": JSON.stringify({ spilo: "built:1", etcd: "built:2", proxy: "built:3", s3: "built:4" }),
  });
  const program = await import("../../index.ts");
  await pulumi.runtime.disconnect();
  expect(images.sort()).toEqual(["built:2", "built:3", "built:4", "mine:1"]);
  expect(Object.keys(program).sort()).toEqual([
    "archive",
    "ca",
    "credentials",
    "endpoint",
    "incarnation",
    "maintenance",
    "members",
    "multiHostReadOnlyUri",
    "multiHostUri",
    "name",
    "placement",
    "pooledUri",
    "proxies",
    "readOnlyUri",
    "recovery",
    "replicas",
    "replicasUri",
    "source",
    "standbyOf",
    "survives",
    "synchronousStandbys",
    "uri",
    "volumeMib",
    "voters",
  ]);
});
