import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ActionError } from "../../actions/action-error.ts";
import type { CliIo } from "../../actions/cli/context.ts";
import { exitCodeOf, plan as planVerb } from "../../actions/cli/plan.ts";
import { planMarkdown } from "../../actions/cli/plan-markdown.ts";
import { runCli } from "../../actions/cli/program.ts";
import type { ObservedRoles } from "../../actions/switchover/observe-roles.ts";
import { type PlanOptions, type PlanReport, plan } from "../../actions/verbs/plan.ts";
import { FakeCluster } from "../provider/fake-cluster.ts";
import { handleOf } from "./test-handle.ts";

const previews = fileURLToPath(new URL("../previews/", import.meta.url));
const state = join(previews, "state.json");
const preview = (name: string) => join(previews, `${name}.json`);

/** Three members of the recorded cluster, the second one leads; and what their history has. */
function sources(events: readonly number[] = []): NonNullable<PlanOptions["sources"]> {
  const members = ["plan-1", "plan-2", "plan-3"].map((name) => {
    const [role, running] = name === "plan-2" ? ["leader", "running"] : ["quorum_standby", "streaming"];
    return { name, role: role ?? "", state: running ?? "", lagBytes: 0, timeline: 3 };
  });
  const roles: ObservedRoles = {
    ...{ members, paused: false, synchronousMode: "quorum", maximumLagBytes: 1_048_576 },
    ...{ silent: [], ttl: 20, loopWait: 5 },
  };
  return {
    roles: async () => roles,
    serverFacts: () => Promise.reject(new ActionError("unreachable", "silence")),
    events: async () =>
      events.map((outageMs) => ({ at: "2026-01-01T00:00:00Z", kind: "switchover", detail: { outageMs } })),
  };
}

const open = async () => ({ ...handleOf(new FakeCluster()), name: "plan" });

describe("plan", () => {
  it("says after one look in which order, who leads afterwards, and what it cost before", async () => {
    const report = await plan({ preview: preview("image"), state, open, sources: sources([2_100, 4_000]) });
    expect(report).toMatchObject({ stack: "plan", basis: "preview", risk: "outage" });
    const [impact] = report.clusters;
    expect(impact?.looked).toMatchObject({ seen: true });
    const said = impact?.claims.map(({ says }) => says);
    expect(said).toContain("the order is plan-1, plan-3, plan-2");
    expect(said).toContain("plan-2 leads, and afterwards plan-1 or plan-3");
    expect(report.verdict).toBe(
      "all three members are replaced; exactly one switchover; applications cannot write for about 2.1 s during the " +
        "switchover, 4.0 s at worst so far (the last 2 of this cluster's history)",
    );
    expect(impact?.changed).toEqual([
      { path: "image", from: expect.stringContaining("spilo"), to: expect.stringContaining("test:rec") },
    ]);
  });

  it("says what is certain whoever leads when nobody can be asked, and why nobody was", async () => {
    const nobody = () =>
      Promise.reject(new ActionError("failed", "stack plan: pulumi cannot read its outputs\nlog in"));
    const report = await plan({ preview: preview("in"), state, open: nobody });
    expect(report.clusters[0]?.looked).toEqual({
      seen: false,
      why: "stack plan: pulumi cannot read its outputs",
    });
    expect(report.verdict).toContain("one switchover if plan-3 leads, else none");
    const silent = {
      ...sources(),
      roles: () => Promise.reject(new ActionError("unreachable", "no member answers")),
    };
    const unseen = await plan({ preview: preview("in"), state, open, sources: silent });
    expect(unseen.clusters[0]?.looked).toEqual({ seen: false, why: "no member answers" });
  });

  it("takes no other cluster's members for those of the plan", async () => {
    const other = async () => ({ ...handleOf(new FakeCluster()), name: "other" });
    const report = await plan({ preview: preview("in"), state, open: other, sources: sources() });
    expect(report.clusters[0]?.looked).toEqual({
      seen: false,
      why: "the stack's outputs are those of other",
    });
  });

  it("looks at the stack that the preview was made of, whichever is selected, and at no other one", async () => {
    const opened: (string | undefined)[] = [];
    const noting = async (stack?: string) => {
      opened.push(stack);
      return open();
    };
    const options = { preview: preview("in"), state, open: noting, sources: sources() };
    const [first, second, third] = [
      await plan(options),
      await plan({ ...options, stack: "me/shop/plan" }),
      await plan({ ...options, stack: "prod" }),
    ].map(({ clusters }) => clusters[0]?.looked);
    expect(opened).toEqual(["plan", "me/shop/plan"]);
    expect([first?.seen, second?.seen]).toEqual([true, true]);
    expect(third).toEqual({ seen: false, why: "the preview is of stack plan, and --stack names prod" });
  });

  it("has no secret in it", async () => {
    const report = await plan({ preview: preview("passwords"), state, open, sources: sources() });
    expect(JSON.stringify(report)).not.toMatch(/PRIVATE KEY|\[secret\]|password":/);
  });

  it.each([
    ["something that is no preview", { preview: state }, /--preview .*: no preview of Pulumi's/],
    ["a file that is not there", { preview: "/nowhere" }, /--preview \/nowhere: .*ENOENT/],
    [
      "a state that is none",
      { preview: preview("image"), state: preview("image") },
      /--state .*: no exported state/,
    ],
  ])("refuses %s", async (_what, options, message) => {
    await expect(plan({ state, ...options })).rejects.toThrow(message);
  });

  it("takes an engine that cannot be reached for no refusal, and names the way without it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "spilo-plan-"));
    const file = join(folder, "preview.json");
    const diagnostics = [{ severity: "error", message: "error: Cannot connect to the Docker daemon" }];
    await writeFile(file, JSON.stringify({ config: {}, steps: [], diagnostics }));
    await expect(plan({ preview: file, state })).rejects.toThrow(/Docker daemon[\s\S]*--offline/);
    await rm(folder, { recursive: true });
  });
});

describe("spiloctl plan", () => {
  async function run(...argv: string[]) {
    const out: string[] = [];
    const io: CliIo = {
      out: (text) => out.push(text),
      err: (text) => out.push(text),
      isTerminal: false,
      onInterrupt: () => () => undefined,
      open: async () => ({ ...handleOf(new FakeCluster()), name: "another" }),
      exit: () => undefined,
    };
    return { exitCode: await runCli(["plan", ...argv], [planVerb()], io), out: out.join("") };
  }

  const of = (name: string) => ["--preview", preview(name), "--state", state];

  it("ends with 3 when data would be lost, and names it", async () => {
    const { exitCode, out } = await run(...of("destroy"));
    expect(exitCode).toBe(3);
    expect(out).toMatch(/^plan {2}data loss: the database is lost: /);
    expect(out).toMatch(/\n {2}data +the database is lost: .*Set finalBackup: true/);
  });

  it.each(
    ["none", "image", "reload", "restart", "memory", "out", "in", "to-one", "passwords", "authority"].concat([
      "application",
      "slot-out",
      "replica-in",
    ]),
  )("ends with 0 for a change that loses none: %s", async (name) => {
    expect((await run(...of(name))).exitCode).toBe(0);
  });

  it.each(["rename", "bucket", "zone", "mistake"])(
    "ends with 10 for one that `up` refuses: %s",
    async (name) => {
      const { exitCode, out } = await run(...of(name));
      expect(exitCode).toBe(10);
      expect(out).toMatch(/^plan {2}refused: `up` refuses it: /);
      expect(out).not.toMatch(/exactly one switchover|replaced/);
    },
  );

  it("tells people in columns, the verdict first", async () => {
    const { out } = await run(...of("image"), "--no-look");
    const lines = out.split("\n");
    expect(lines[0]).toMatch(/^plan {2}outage: all three members are replaced; exactly one switchover; /);
    expect(lines.map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      ...[lines[0]?.split(/ {2,}/)[0], "changed", "data", "members", "switchover", "outage", "survives"],
      ...["unchanged", "risk", "basis", ""],
    ]);
    expect(out).toContain("the members were not looked at (nobody was to be asked)");
  });

  it("gives programs all of it", async () => {
    const { out } = await run(...of("in"), "--json", "--no-look");
    const report: PlanReport = JSON.parse(out);
    expect(report.clusters[0]?.claims).toContainEqual(
      expect.objectContaining({ kind: "removed", part: "member", names: ["plan-3"], data: "removed" }),
    );
  });

  it("tells of the endpoint to people, to reviewers and to programs", async () => {
    const says = "the endpoint offers more: the port of the connection pool none → 6432";
    const [text, markdown, json] = await Promise.all(
      [[], ["--markdown"], ["--json"]].map(
        async (flags) => (await run(...of("pooled"), "--no-look", ...flags)).out,
      ),
    );
    expect(text).toMatch(new RegExp(`\n {2}endpoint +${says}\n`));
    expect(markdown).toContain(`| endpoint | ${says} |`);
    const report: PlanReport = JSON.parse(json ?? "");
    expect(report.clusters[0]?.claims).toContainEqual(
      expect.objectContaining({ kind: "endpoint", says, from: expect.objectContaining({ pooled: null }) }),
    );
  });

  it("is wrong when it is to read a preview and to do without one", async () => {
    expect((await run("--offline", "--preview", "-")).exitCode).toBe(2);
    expect((await run("--preview", "-", "--state", "-")).exitCode).toBe(2);
  });

  it("has a table of exit codes of its own", async () => {
    const { out } = await run("--help");
    expect(out).toContain("3  data would be lost, and the plan names it");
    expect(exitCodeOf({ clusters: [] })).toBe(0);
  });
});

describe("the comment of a pull request", () => {
  it("has the verdict in its first line, then a table, and a mark to be found by", async () => {
    const report = await plan({ preview: preview("image"), state });
    const lines = planMarkdown(report);
    expect(lines[0]).toMatch(
      /^\*\*outage\*\* · plan: all three members are replaced; exactly one switchover; /,
    );
    expect(lines.slice(1, 4)).toEqual(["", "| | |", "| --- | --- |"]);
    expect(lines.at(-1)).toBe("<!-- pulumi-spilo plan plan -->");
    for (const row of lines.slice(4, -2)) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(4);
  });

  it("makes nothing of what a specification says: no tag, no link, no mention, no column", () => {
    const image = 'a|b<script>[x](javascript:1) @team #12 https://evil.example `code` "**"\n| new | row |';
    const report: PlanReport = {
      ...{ stack: "prod", basis: "preview", risk: "low", verdict: image },
      clusters: [
        {
          ...{ cluster: "orders", risk: "low", verdict: image, claims: [], unknown: [] },
          changed: [{ path: "image", from: image, to: null }],
          looked: { seen: false, why: image },
        },
      ],
    };
    const text = planMarkdown(report).join("\n");
    expect(text).not.toMatch(/<script|[^\\]\]\(|@team|#12|:\/\/evil|\n\| new/);
    for (const row of planMarkdown(report).filter((line) => line.startsWith("| ") && line !== "| | |")) {
      expect(row.replaceAll("\\|", "").split("|")).toHaveLength(4);
    }
  });
});

describe("without an engine, and without a preview", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "spilo-offline-"));
    await writeFile(join(folder, "Pulumi.yaml"), "name: pulumi-spilo\nruntime: nodejs\n");
    await copyFile(state, join(folder, "state.json"));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  /** The real command, with nothing that it could call: no engine, and no CLI of Pulumi's. */
  async function offline(change: object | undefined) {
    const written = {
      name: "plan",
      ...{ deletionProtection: false, finalBackup: false, recovery: { objective: "fast" } },
      postgresql: { parameters: { wal_level: "logical" } },
      logicalSlots: [{ database: "app", name: "cdc", plugin: "pgoutput" }],
      ...change,
    };
    const { config } = JSON.parse((await execa("cat", [preview("none")])).stdout);
    const images = JSON.parse(config["spilo:images"]);
    const text = stringify({
      config: { ...(change === undefined ? {} : { "spilo:cluster": written }), "spilo:images": images },
    });
    await writeFile(join(folder, "Pulumi.plan.yaml"), text);
    const program = fileURLToPath(new URL("../../actions/cli/spiloctl.ts", import.meta.url));
    const args = ["plan", "--offline", "--stack", "plan", "--state", "state.json", "--json"];
    const tsx = import.meta.resolve("tsx");
    const { exitCode, stdout, stderr } = await execa(process.execPath, ["--import", tsx, program, ...args], {
      cwd: folder,
      env: { PATH: "/nowhere", DOCKER_HOST: "unix:///nowhere/docker.sock" },
      reject: false,
    });
    return { exitCode, report: JSON.parse(stdout || "null"), stderr };
  }

  it("compares what is configured with the state, and says what it cannot know", {
    timeout: 120_000,
  }, async () => {
    const { exitCode, report } = await offline({ resources: { memory: "1900MB" } });
    expect([exitCode, report.basis, report.risk]).toEqual([0, "offline", "outage"]);
    expect(report.verdict).toContain("all three members are replaced; exactly one switchover");
    const [impact] = report.clusters;
    expect(impact.changed).toEqual([{ path: "resources.memory", from: '"2GB"', to: '"1900MB"' }]);
    expect(impact.unknown).toContain("whether an image is another one behind the same name");
    expect(impact.looked).toEqual({ seen: false, why: expect.stringContaining("pulumi is not on PATH") });
  });

  it("knows what is refused, too", { timeout: 120_000 }, async () => {
    const { exitCode, report } = await offline({ backup: { bucket: "elsewhere" } });
    expect([exitCode, report.risk]).toEqual([10, "refused"]);
  });

  it("has no plan of what stands in the program alone", { timeout: 120_000 }, async () => {
    const { exitCode, report } = await offline(undefined);
    expect(exitCode).toBe(1);
    expect(JSON.stringify(report)).toMatch(
      /there is no plan: .*stack plan has no spilo:cluster.*Leave out --offline/,
    );
  });
});
