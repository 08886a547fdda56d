import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { planCluster, renderPoolerUsers } from "../../cluster/index.ts";
import { makePooler } from "../../components/pooler.ts";
import { specification } from "../unit/specifications.ts";

it("a pooler's list of users is secret, and the same at every run", async () => {
  const mocks: pulumi.runtime.Mocks = {
    newResource: ({ name, inputs }) => ({
      id: `${name}-id`,
      state: { ...inputs, value: pulumi.secret(`password-of-${name}`) },
    }),
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(mocks, "pulumi-spilo", "dev", false);
  const plan = planCluster(specification({ endpoint: { pooled: true } }));
  const pooler = makePooler({
    plan,
    incarnation: pulumi.output("1a2b3c4d"),
    secrets: { operator: pulumi.secret("of-the-operator"), pooler: pulumi.secret("of-the-pooler") },
  });
  const users = pooler?.users;
  expect(users && (await pulumi.isSecret(users))).toBe(true);
  const written = await new Promise((resolve) => users?.apply(resolve));
  expect(written).toBe(
    renderPoolerUsers(plan.logins.current, {
      password: "of-the-pooler",
      operatorPassword: "of-the-operator",
      incarnation: "1a2b3c4d",
    }),
  );
  await pulumi.runtime.disconnect();
});
