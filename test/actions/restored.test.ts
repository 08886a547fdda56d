import { describe, expect, it } from "vitest";
import type { ClusterView, PatroniClient } from "../../actions/patroni/patroni-client.ts";
import { type RestoredOptions, restored } from "../../actions/restore/restored.ts";
import { virtualClock } from "./virtual-clock.ts";

const members = [{ name: "m-1", restUrl: "https://m-1:8008", engine: "unix:///nowhere" }];

interface World {
  /** What Patroni says of the member, look by look; the last one stays. */
  readonly states: readonly (readonly [role: string, state: string])[];
  /** The server's own log. */
  readonly said?: string;
  /** The container's log. */
  readonly log?: string;
  /** Settings that wait for a restart. */
  readonly waiting?: string;
}

async function restoring({ states, said = "", log = "", waiting = "" }: World) {
  const [told, restarted, looks]: [string[], string[], (readonly [string, string])[]] = [[], [], [...states]];
  const cluster = async (): Promise<ClusterView> => {
    const [role, state] = (looks.length > 1 ? looks.shift() : looks[0]) ?? ["", ""];
    return { members: [{ name: "m-1", role, state }] } as unknown as ClusterView;
  };
  const patroni = { cluster, restart: async (url: string) => void restarted.push(url) };
  const options: RestoredOptions = {
    members,
    patroni: patroni as unknown as PatroniClient,
    execOn: () => async (_member, command) => ({
      exitCode: 0,
      output: command[0] === "psql" ? waiting : said,
      errors: "",
    }),
    log: async () => log,
    deadlineMs: 60_000,
    report: (line) => told.push(line),
    clock: virtualClock(),
  };
  return { to: await restored(options), told, restarted };
}

const end = `LOG,"redo done at 0/5014D10 system usage"\nLOG,"last completed transaction was at log time 2030-01-01 12:00:00.5+00"\n`;

describe("a cluster that begins from an archive", () => {
  it("is restored when somebody leads, and says up to where", async () => {
    const { to, told, restarted } = await restoring({
      states: [
        ["replica", "running custom bootstrap script"],
        ["replica", "starting"],
        ["leader", "running"],
      ],
      said: end,
    });
    expect(to).toEqual({ leader: "m-1", lastCommit: "2030-01-01 12:00:00.5+00", position: "0/5014D10" });
    expect(told).toEqual([
      "nobody leads: m-1 is running custom bootstrap script",
      "nobody leads: m-1 is starting",
    ]);
    expect(restarted).toEqual([]);
  });

  it("is restarted when it still runs with what it was recovered with", async () => {
    const { restarted } = await restoring({ states: [["leader", "running"]], waiting: "hot_standby\n" });
    expect(restarted).toEqual(["https://m-1:8008"]);
  });

  it("is given up when no commit of the archive is after the target, with the last that is there", async () => {
    const said = `${end}FATAL,"recovery ended before configured recovery target was reached"\n`;
    await expect(restoring({ states: [["replica", "stopped"]], said })).rejects.toThrow(
      /no commit after the target is in the archive, .* the last one is 2030-01-01 12:00:00\.5\+00/,
    );
  });

  it("is given up when the base backup ends after the target", async () => {
    const said = `FATAL,"requested recovery stop point is before consistent recovery point"\n`;
    await expect(restoring({ states: [["replica", "stopped"]], said })).rejects.toThrow(
      "the target is before the end of the base backup",
    );
  });

  it("is given up when the archive could not be read again and again, with what was said", async () => {
    const one =
      "INFO: Running custom bootstrap script: bash\nwal-g: the S3 server answered 403: Access Denied.\n";
    const log = one.repeat(4);
    await expect(restoring({ states: [["replica", "stopped"]], log })).rejects.toThrow(
      /m-1: the archive could not be read 4 times: .*403: Access Denied/,
    );
  });
});
