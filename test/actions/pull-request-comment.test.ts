import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commentPlan } from "../../actions/verbs/comment-plan.ts";
import { type ForgeServer, forgeServer } from "./forge-server.ts";
import { virtualClock } from "./virtual-clock.ts";

const kinds = ["github", "gitlab"] as const;
type Kind = (typeof kinds)[number];

let folder: string;
let forge: ForgeServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spilo-comment-"));
});

afterEach(async () => {
  await forge.close();
  await rm(folder, { recursive: true, force: true });
});

/** A job for pull request 17, at a server that plays the API. */
async function job(kind: Kind, change: Record<string, string> = {}): Promise<Record<string, string>> {
  forge = await forgeServer(kind);
  const event = join(folder, "event.json");
  const pull_request = { user: { login: "ann" }, head: { sha: "0123456789abcdef0123456789abcdef01234567" } };
  await writeFile(event, JSON.stringify({ number: 17, pull_request }));
  const gitHub = {
    ...{ GITHUB_ACTIONS: "true", GITHUB_API_URL: forge.api, GITHUB_REPOSITORY: "acme/databases" },
    ...{ GITHUB_EVENT_PATH: event, GITHUB_TOKEN: "token-of-the-job" },
  };
  const gitLab = {
    ...{ GITLAB_CI: "true", CI_API_V4_URL: forge.api, CI_PROJECT_ID: "42", CI_MERGE_REQUEST_IID: "17" },
    ...{ GITLAB_USER_LOGIN: "ann", CI_COMMIT_SHA: pull_request.head.sha, GITLAB_TOKEN: "token-of-a-person" },
  };
  return { ...(kind === "github" ? gitHub : gitLab), ...change };
}

async function comment(variables: Record<string, string>, plan: string, diff = "", stack = "production") {
  const [planFile, diffFile] = [join(folder, "plan.md"), join(folder, "preview.txt")];
  await writeFile(planFile, plan);
  await writeFile(diffFile, diff);
  return await commentPlan({ stack, plan: planFile, diff: diffFile, variables, clock: virtualClock() });
}

const mark = "<!-- pulumi-spilo plan production -->";

const bodies = () => forge.comments.map(({ body }) => body);

describe.each(kinds)("a comment on %s", (kind) => {
  it("is posted once, and is the same one at the next push", async () => {
    const variables = await job(kind);
    expect(await comment(variables, `image: rolling\n\n${mark}\n`, "+ docker:Container")).toEqual({
      ...{ pullRequest: 17, stack: "production", comment: "posted", hasPlan: true },
    });
    expect(bodies()).toHaveLength(1);
    expect(bodies()[0]).toContain(
      `${mark}\n### Plan of \`production\` at 0123456789ab\n\nimage: rolling\n\n<details>`,
    );
    expect(bodies()[0]?.split(mark)).toHaveLength(2);
    expect(bodies()[0]).toContain(
      "<summary>pulumi preview --diff</summary>\n\n```\n+ docker:Container\n```\n",
    );
    const [{ id } = { id: 0 }] = forge.comments;
    expect((await comment(variables, "nothing to do")).comment).toBe("updated");
    expect(forge.comments.map((one) => one.id)).toEqual([id]);
    expect(bodies()[0]).toContain("nothing to do");
    expect(bodies()[0]).not.toContain("details");
    expect((await comment(variables, "nothing to do")).comment).toBe("unchanged");
  });

  it("is found behind more comments than one answer has", async () => {
    const variables = await job(kind);
    await comment(variables, "first");
    const others = Array.from({ length: 250 }, (_, id) => ({ id, body: `number ${id}`, author: "bob" }));
    forge.comments.unshift(...others);
    expect((await comment(variables, "second")).comment).toBe("updated");
    expect(forge.comments).toHaveLength(251);
    expect(forge.asked.some((question) => question.includes("page=3"))).toBe(true);
  });

  it("is one for each stack", async () => {
    const variables = await job(kind);
    await comment(variables, "of production");
    await comment(variables, "of staging", "", "staging");
    await comment(variables, "of production, again");
    expect(bodies()).toHaveLength(2);
    expect(bodies()[0]).toContain("of production, again");
    expect(bodies()[1]).toContain("of staging");
  });

  it("of somebody else is left alone, whatever it says", async () => {
    const variables = await job(kind);
    const pretended = `${mark}\nharmless`;
    forge.comments.push({ id: 1, body: pretended, author: "mallory" });
    expect((await comment(variables, "drops a member")).comment).toBe("posted");
    expect(bodies()[0]).toBe(pretended);
    expect(bodies()[1]).toContain("drops a member");
  });

  it("is not written twice when the answer to the first attempt is lost", async () => {
    const variables = await job(kind);
    forge.loseNextAnswer = true;
    expect((await comment(variables, "once")).comment).toBe("unchanged");
    expect(bodies()).toHaveLength(1);
  });

  it("is tried again while the API has trouble", async () => {
    const variables = await job(kind);
    forge.failures.push(
      { status: 502 },
      { status: 429 },
      { status: 403, headers: { "retry-after": "5" } },
      { status: 0 },
    );
    expect((await comment(variables, "at last")).comment).toBe("posted");
  });

  it("is given up when the API has trouble for a minute", async () => {
    const variables = await job(kind);
    forge.failures.push(...Array.from({ length: 100 }, () => ({ status: 503 })));
    await expect(comment(variables, "never")).rejects.toThrow(
      /^comment on pull request 17: not within 60 s: GET http.* 503 .*Run the job again/,
    );
    expect(forge.asked.length).toBeLessThan(20);
  });

  it("has no token in its errors", async () => {
    const variables = await job(kind, { GITHUB_TOKEN: "s3cret-t0ken", GITLAB_TOKEN: "s3cret-t0ken" });
    const told = await comment(variables, "x").catch((error: Error) => error.message);
    const setting = kind === "github" ? "GITHUB_TOKEN" : "GITLAB_TOKEN";
    expect(told).toMatch(/: 401 .*Bad credentials/);
    expect(told).toContain(`Hand in a token by ${setting}`);
    expect(told).not.toContain("s3cret-t0ken");
    expect(forge.asked).toHaveLength(1);
  });

  it("says that there is no plan when there is none, and what Pulumi said instead", async () => {
    const variables = await job(kind);
    expect(await comment(variables, "", "error: spilo:cluster.members: 12")).toMatchObject({
      hasPlan: false,
    });
    expect(bodies()[0]).toContain("**There is no plan**");
    expect(bodies()[0]).toContain("error: spilo:cluster.members: 12");
  });

  it("fits, however long the diff is", async () => {
    const variables = await job(kind);
    const diff = Array.from({ length: 20_000 }, (_, line) => `+ line ${line} of \`\`\`many`).join("\n");
    await comment(variables, "the plan", diff);
    const [body = ""] = bodies();
    expect(body.length).toBeLessThanOrEqual(65_536);
    expect(body.length).toBeGreaterThan(60_000);
    expect(body).toContain("the plan");
    expect(body).toMatch(
      /of ```many\n… The diff is longer than a comment may be: \d+ of 20000 lines are shown\. .*\n````\n<\/details>\n$/,
    );
  });

  it("is refused without a token, naming the setting", async () => {
    const variables = await job(kind, { GITHUB_TOKEN: "", GITLAB_TOKEN: "" });
    const setting = kind === "github" ? "GITHUB_TOKEN" : "GITLAB_TOKEN";
    await expect(comment(variables, "x")).rejects.toThrow(new RegExp(`^${setting}: not set\n`));
    expect(forge.asked).toEqual([]);
  });
});

describe("a job", () => {
  it("of GitHub that is for a push is told so", async () => {
    const variables = await job("github");
    await writeFile(variables["GITHUB_EVENT_PATH"] ?? "", JSON.stringify({ ref: "refs/heads/main" }));
    await expect(comment(variables, "x")).rejects.toThrow(/^GITHUB_EVENT_PATH: .* is of no pull request\n/);
  });

  it("of GitLab that is for a branch is told so", async () => {
    const { CI_MERGE_REQUEST_IID: _, ...variables } = { CI_MERGE_REQUEST_IID: "", ...(await job("gitlab")) };
    await expect(comment(variables, "x")).rejects.toThrow(/^CI_MERGE_REQUEST_IID: not set\n/);
  });

  it("of neither is told so", async () => {
    forge = await forgeServer("github");
    await expect(comment({ GITHUB_TOKEN: "x" }, "x")).rejects.toThrow(
      /^this is no job of GitHub Actions or GitLab CI\n/,
    );
  });

  it("whose API is no address is told so", async () => {
    const variables = await job("github", { GITHUB_API_URL: "api.example" });
    await expect(comment(variables, "x")).rejects.toThrow(/^GITHUB_API_URL: api\.example\n/);
  });
});
