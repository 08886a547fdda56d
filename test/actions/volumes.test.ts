import { describe, expect, it } from "vitest";
import { ActionError } from "../../actions/action-error.ts";
import type { ContainerExec, ExecResult } from "../../actions/engine/container-exec.ts";
import { observeVolumes } from "../../actions/status/volumes.ts";

/** What a member's container answers; an error is thrown. */
type Answers = Readonly<Record<string, ExecResult | Error>>;

function look(answers: Answers, volumeMib?: number) {
  const calls: string[] = [];
  const members = Object.keys(answers).map((name) => {
    return { name, address: "", restUrl: "", postgresPort: 5432, engine: "" };
  });
  const execOn = (part: string): ContainerExec => {
    return async (container, command, { user }) => {
      calls.push(`${user} in ${container}: ${command.join(" ")}`);
      const answer = answers[part];
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error(`no ${part}`);
      return answer;
    };
  };
  return observeVolumes({ members, volumeMib, execOn }).then((volumes) => ({ volumes, calls }));
}

const counted = { exitCode: 0, output: "2048\t/home/postgres/pgdata\n", errors: "" };

describe("the volumes of the members", () => {
  it("are looked at in each member's container, as the one whose data it is", async () => {
    const { volumes, calls } = await look({ "dev-1": counted }, 1024);
    expect(volumes).toEqual([{ member: "dev-1", usedBytes: { known: 2 ** 21 } }]);
    expect(calls).toEqual(["postgres in dev-1: du --summarize --block-size=1K /home/postgres/pgdata"]);
  });

  it("are not looked at when no size is declared", async () => {
    expect(await look({ "dev-1": counted })).toEqual({ volumes: [], calls: [] });
  });

  it("are counted although files go meanwhile", async () => {
    const gone = { ...counted, exitCode: 1, errors: "du: cannot access 'base/5/16384'" };
    const { volumes } = await look({ "dev-1": gone }, 1024);
    expect(volumes[0]?.usedBytes).toEqual({ known: 2 ** 21 });
  });

  it("are unknown where that cannot be asked, and the others are told", async () => {
    const { volumes } = await look(
      {
        "dev-1": counted,
        "dev-2": new ActionError("unreachable", "dev-2: container is not running"),
        "dev-3": { exitCode: 126, output: "", errors: "du: not found\n" },
      },
      1024,
    );
    expect(volumes.map(({ usedBytes }) => usedBytes)).toEqual([
      { known: 2 ** 21 },
      { unknown: "dev-2: container is not running" },
      { unknown: "dev-3: du ended with 126: du: not found" },
    ]);
  });
});
