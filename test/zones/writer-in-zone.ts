import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { z } from "zod";
import type { Zone } from "../../toolchain/zones/lab.ts";
import type { Acknowledged } from "../live/chaos/checker.ts";

/** A client that stands in a zone and writes to one address there, whatever becomes of the zone. */
export interface WriterInZone {
  /** Ends it, if it still lives. @returns what it was told, by this process's clock. */
  stop(): Promise<readonly Acknowledged[]>;
}

const said = z.object({
  writer: z.string(),
  seq: z.number(),
  timeline: z.number(),
  server: z.string(),
  /** Milliseconds since 1970, with fractions. */
  at: z.number(),
});

const program = fileURLToPath(new URL("./write-in-zone.ts", import.meta.url));

/** Whoever is cut off together with the leader is the first to be told of a commit that must not be. */
export async function startWriterInZone(
  { name, enter: [command, ...args] }: Zone,
  address: pg.ClientConfig,
): Promise<WriterInZone> {
  const child = spawn(command, [...args, process.execPath, "--import", "tsx", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const told: Acknowledged[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const { at, ...row } = said.parse(JSON.parse(line));
    told.push({ ...row, at: at - performance.timeOrigin });
  });
  // By standard input: a command line is everybody's to read.
  child.stdin.on("error", () => undefined); // it may be killed with its zone
  child.stdin.write(`${JSON.stringify({ name: `in zone ${name}`, address })}\n`);
  const ended = once(child, "close");
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 5_000))]);
      child.kill("SIGKILL");
      await ended;
      return told;
    },
  };
}
