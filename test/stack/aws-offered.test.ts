import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { parseSpec, planCluster } from "../../cluster/index.ts";
import { untilOffered } from "../../components/aws/offered.ts";
import { awsProvider } from "../../components/aws/platform.ts";
import { SpiloCluster } from "../../components/index.ts";
import { onAws } from "../unit/aws-specifications.ts";
import { planned } from "./recorder.ts";

type Answer = (asked: pulumi.runtime.MockCallArgs) => object;

/** Asks what the mocks say, and tells what was asked for. */
async function ask(answer: Answer, dryRun = false) {
  const asked: unknown[] = [];
  const call = (question: pulumi.runtime.MockCallArgs) => {
    asked.push([question.token, question.inputs]);
    return answer(question);
  };
  const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({ id: name, state: inputs });
  await pulumi.runtime.setMocks({ newResource, call }, "pulumi-spilo", "dev", dryRun);
  const plan = planCluster(parseSpec(onAws("ab", { members: 3 })));
  if (plan.aws === undefined) throw new Error("it has nothing of AWS");
  const provider = awsProvider(plan.cluster, plan.aws, { parent: new pulumi.ComponentResource("t", "t") });
  await untilOffered(plan, provider);
  return asked;
}

const only = (zones: string): Answer => {
  return () => ({ locations: [...zones].map((zone) => `eu-central-1${zone}`) });
};

describe("what AWS offers", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each([false, true])("is asked for each type, by availability zone; in a preview: %s", async (dryRun) => {
    const token = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings";
    const question = (type: string) => [
      token,
      { locationType: "availability-zone", filters: [{ name: "instance-type", values: [type] }] },
    ];
    expect(await ask(only("ab"), dryRun)).toEqual([question("m7g.large"), question("t4g.small")]);
  });

  it("refuses what it is not, as a specification is refused", async () => {
    const refused = ask(only("a"));
    await expect(refused).rejects.toThrow(
      /^error {2}spilo:cluster\.aws\.instanceType: "m7g\.large"\n +AWS does not offer it in eu-central-1b, where orders-2-b/,
    );
    await expect(refused).rejects.toThrow(/error {2}spilo:cluster\.aws\.voterType: "t4g\.small"/);
    await expect(refused).rejects.toSatisfy((error) => pulumi.RunError.isInstance(error));
  });

  it("is not known where AWS does not say: that is a warning, and nothing is refused", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    await ask(() => {
      const details = "invocation returned an error:\n  UnauthorizedOperation: not you";
      throw Object.assign(new Error(), { details });
    });
    const said = warn.mock.calls.map(([text]) => text);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/^which zones offer m7g\.large is not known: .*UnauthorizedOperation: not you/);
    // A provider that is not there before the update does not answer in a preview.
    await expect(ask(() => ({}))).resolves.toHaveLength(2);
  });

  it("comes before the first resource: nothing else is registered when it is refused", async () => {
    const registered: string[] = [];
    const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
      registered.push(type);
      return { id: name, state: inputs };
    };
    await pulumi.runtime.setMocks({ newResource, call: only("ab") }, "pulumi-spilo", "dev", false);
    const message = await unhandled(() => new SpiloCluster("orders", { ...onAws("abc"), orders: planned }));
    expect(message).toContain("AWS does not offer it in eu-central-1c, where orders-3-c would stand");
    expect(registered).toEqual(["spilo:index:SpiloCluster", "pulumi:providers:aws"]);
  });
});

/** What ends a program: Pulumi prints it. */
function unhandled(program: () => unknown): Promise<string> {
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  return new Promise<string>((resolve) => {
    process.on("unhandledRejection", (error) => resolve(error instanceof Error ? error.message : ""));
    program();
  }).finally(() => {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  });
}
