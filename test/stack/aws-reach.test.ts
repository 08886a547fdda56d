import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { MachinesToReach } from "../../actions/way/reached.ts";
import { SpiloCluster } from "../../components/index.ts";
import { onAws } from "../unit/aws-specifications.ts";
import { expectNoSecret, types } from "./aws-references.ts";
import { differing, known, ofType, planned, type Recorded, record } from "./recorder.ts";

vi.mock("../../components/aws/unproven.ts", () => ({ refuseUnproven: () => undefined }));

const bastion = { reach: "bastion", bastion: { host: "bastion.example.org", user: "ops" } } as const;

/** What each resource that acts on the cluster is told of how it is reached. */
function waysIn(resources: readonly Recorded[]): ReadonlySet<unknown> {
  const told = resources
    .filter(({ type }) => type.startsWith("spilo:"))
    .flatMap(({ type, name }) => {
      const { access, cluster } = ofType(resources, type).get(name) ?? {};
      const of =
        typeof cluster === "object" && cluster !== null && "credentials" in cluster
          ? cluster.credentials
          : {};
      return [access, (of as { access?: unknown }).access].filter(
        (one) => typeof one === "object" && one !== null,
      );
    });
  expect(told.length).toBeGreaterThan(10);
  return new Set(told.map((access) => (access as { way?: string }).way));
}

describe("how a cluster on AWS is reached", () => {
  it.each([
    ["directly", {}, undefined],
    ["by a bastion", bastion, "ssh://ops@bastion.example.org:22"],
    ["by sessions to its machines", { reach: "ssm" }, "ssm://admin@eu-central-1/orders/1a2b3c4d"],
    [
      "by a session to another one",
      { reach: "ssm", ssm: { instance: "i-0a1b2c3d" } },
      "ssm://admin@eu-central-1/i-0a1b2c3d",
    ],
  ] as const)("%s, is one thing for all that act on it", async (_how, aws, way) => {
    const { resources, cluster } = await record(onAws("abc", { aws }));
    expect(waysIn(resources)).toEqual(new Set([way]));
    expect((await known(cluster.credentials)).access.way).toBe(way);
    expectNoSecret(resources);
  });

  it("by a bastion, is no input of anything on AWS", async () => {
    const [one, other] = [await record(onAws("abc")), await record(onAws("abc", { aws: bastion }))];
    // Of these, an update only has the state know where to ask.
    expect(differing(one.resources, other.resources)).toEqual([
      "spilo:index:DynamicSettings orders-settings",
      "spilo:index:EtcdAccess orders-etcd-access",
      "spilo:index:Guard orders-kept-until-deletionProtection-is-false",
    ]);
  });

  it("by sessions, gives each machine the agent and what that may do", async () => {
    const [one, other] = [await record(onAws("a")), await record(onAws("a", { aws: { ssmAgent: true } }))];
    const kindsOf = new Set(
      differing(one.resources, other.resources).map((changed) => changed.split(" ")[0]),
    );
    expect(kindsOf).toEqual(
      new Set([
        ...["aws:ec2/securityGroup:SecurityGroup", "aws:iam/rolePolicy:RolePolicy", types.instance],
        ...["spilo:index:Turn", "spilo:index:VoterTurn"],
      ]),
    );
  });
});

describe("an update of a cluster on AWS", () => {
  const recordReaching = async (
    running: readonly string[],
    reach: (machines: MachinesToReach) => Promise<void>,
  ) => {
    const asked: MachinesToReach[] = [];
    const orders = {
      ...planned,
      reach: (machines: MachinesToReach) => {
        asked.push(machines);
        return reach(machines);
      },
    };
    const made = await record({ ...onAws("a", { aws: bastion }), orders }, { running });
    return { asked, ...made };
  };

  it("looks whether its machines can be reached", async () => {
    const { asked } = await recordReaching(["10.90.7.11", "10.90.7.21"], async () => undefined);
    expect(asked).toEqual([
      { way: "ssh://ops@bastion.example.org:22", addresses: ["10.90.7.11", "10.90.7.21"] },
    ]);
  });

  it("that is new has nobody to reach", async () => {
    const { asked, resources } = await recordReaching([], async () => undefined);
    expect(asked).toEqual([]);
    expect(ofType(resources, types.instance).size).toBeGreaterThan(0);
  });

  it("is refused before anything is changed when they cannot be, and says so once", async () => {
    const why = "aws.reach: the bastion ops@bastion.example.org:22 cannot be had: refused";
    const reach = async () => {
      throw new ActionError("unreachable", why);
    };
    const made = new Set<string>();
    const newResource = (resource: pulumi.runtime.MockResourceArgs) => {
      made.add(resource.type);
      return {
        id: `${resource.name}-id`,
        state: { ...resource.inputs, token: "1a2b3c4d", origin: "", value: "password" },
      };
    };
    const call = () => ({ privateIps: ["10.90.7.11"] });
    const failures = await unhandledIn(async () => {
      await pulumi.runtime.setMocks({ newResource, call }, "pulumi-spilo", "dev", false);
      new SpiloCluster("orders", { ...onAws("a", { aws: bastion }), orders: { ...planned, reach } });
      await pulumi.runtime.disconnect().catch(() => undefined);
    });
    // Pulumi prints each error once.
    expect(new Set(failures).size).toBe(1);
    expect(String(failures[0])).toContain(
      `error  spilo:cluster.aws.reach: "bastion"
       one machine of orders runs and cannot be reached by the bastion ops@bastion.example.org:22: ${why}
       Nothing was changed.`,
    );
    expect([...made].filter((type) => !type.startsWith("spilo:"))).toEqual(["pulumi:providers:aws"]);
    const touching = ["Turn", "VoterTurn", "EtcdAccess", "DynamicSettings", "Certificate"];
    for (const kind of touching) expect(made).not.toContain(`spilo:index:${kind}`);
  });
});

/** What nobody catches while this goes on, and some moments after. */
async function unhandledIn(work: () => Promise<void>): Promise<readonly unknown[]> {
  const others = process.listeners("unhandledRejection");
  const found: unknown[] = [];
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => found.push(reason));
  try {
    await Promise.race([work(), sleep(20_000)]);
    await sleep(500);
    return found;
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  }
}

describe("the machine of a cluster's only member that was terminated", () => {
  const spec = onAws("a", { members: 1 });

  it("is made again with its volume and its address, and waits for nobody who leads", async () => {
    const whole = (await record(spec)).resources;
    const { resources } = await record(spec, { rebuilt: "orders-1-a" });
    const changed = differing(whole, resources);
    expect(changed).toEqual([
      "aws:ec2/volumeAttachment:VolumeAttachment orders-1-a",
      "spilo:index:Joined orders-1-a-joined",
    ]);
    expect(ofType(resources, "aws:ec2/volumeAttachment:VolumeAttachment").get("orders-1-a")).toMatchObject({
      instanceId: "orders-1-a-id-again",
      volumeId: "orders-1-a-data-id",
    });
    const machine = resources.find(({ type, name }) => type === types.instance && name === "orders-1-a");
    expect(machine?.inputs["primaryNetworkInterface"]).toEqual({ networkInterfaceId: "orders-1-a-id" });
    // Whatever asks the cluster in this update comes after the machine.
    const before = ancestorsOf(resources, "orders-1-a");
    expect(before).toContain("orders-1-a-turn");
    for (const one of ["orders-1-a-joined", "orders-ready", "orders-roles", "orders-first-backup"]) {
      expect(before).not.toContain(one);
    }
  });
});

/** Names of all that a machine waits for. */
function ancestorsOf(resources: readonly Recorded[], machine: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (names: readonly string[]) => {
    for (const name of names.filter((one) => !found.has(one))) {
      found.add(name);
      visit(resources.filter((one) => one.name === name).flatMap(({ after }) => after));
    }
  };
  visit(resources.find(({ type, name }) => type === types.instance && name === machine)?.after ?? []);
  return found;
}
