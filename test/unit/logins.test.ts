import { describe, expect, it } from "vitest";
import { describeRotation, parseSpec, planCluster, renderMemberEnv } from "../../cluster/index.ts";

const planOf = (rotation: object) => planCluster(parseSpec({ name: "dev", rotation }));

const loginsOf = (rotation: object) => planOf(rotation).logins;

describe("the logins of a plan", () => {
  it("are the first of each purpose in a new cluster, and the others of the cluster's own are closed", () => {
    expect(loginsOf({})).toEqual({
      generations: { passwords: 1, application: 1 },
      current: {
        standby: "standby_1",
        rewind: "rewind_1",
        operator: "operator_1",
        pooler: "pooler_1",
        application: "app_1",
        etcd: "patroni_1",
      },
      formerOperator: "operator_2",
      closed: ["standby_2", "rewind_2", "operator_2", "pooler_2"],
    });
  });

  it("take turns, the application's by its own generation", () => {
    const { current, closed } = loginsOf({ passwords: 2, application: 3 });
    expect(current).toMatchObject({ standby: "standby_2", etcd: "patroni_2", application: "app_1" });
    expect(closed).toEqual(["standby_1", "rewind_1", "operator_1", "pooler_1"]);
    expect(loginsOf({ passwords: 4 }).current).toEqual(loginsOf({ passwords: 2 }).current);
  });

  it("have the application's former one closed when that is said", () => {
    const { closed } = loginsOf({ application: 2, formerApplication: "closed" });
    expect(closed).toContain("app_1");
  });

  it("are those that a member is told of", () => {
    const plan = planOf({ passwords: 2 });
    const [member] = plan.members;
    const env = member === undefined ? [] : renderMemberEnv(plan, member, "1a2b3c4d");
    const users = env.filter(({ name }) => /^(ETCD3_USERNAME|PGUSER_)/.test(name));
    expect(users.map(({ value }) => value)).toEqual(["patroni_2", "standby_2", "postgres"]);
  });
});

describe("a rotation, in a preview", () => {
  const told = (before: object, after: object) =>
    describeRotation(
      parseSpec({ name: "dev", rotation: before }),
      parseSpec({ name: "dev", rotation: after }),
    );

  it("is told with what is closed at its end", () => {
    expect(told({}, { passwords: 2 })).toEqual([
      "rotation.passwords 1 → 2: new passwords for the cluster's own logins; every member is replaced once, one after the other",
      "standby_1, rewind_1, operator_1, pooler_1: closed at the end, with their sessions",
    ]);
  });

  it("of the application leaves the former login open until that is closed", () => {
    expect(told({}, { application: 2 })).toEqual([
      "rotation.application 1 → 2: the application logs in as app_2",
    ]);
    expect(told({ application: 2 }, { application: 2, formerApplication: "closed" })).toEqual([
      "app_1: closed at the end, with their sessions",
    ]);
  });

  it("that is none is not told", () => {
    expect(told({ passwords: 2 }, { passwords: 2 })).toEqual([]);
  });
});
