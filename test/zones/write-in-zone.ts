/** Reads a name and an address from standard input, writes there, and prints each commit that it is told of. */
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { runWriter } from "../live/chaos/writers.ts";

const stopping = new AbortController();
process.on("SIGTERM", () => stopping.abort());
const [line = "{}"] = await new Promise<readonly string[]>((resolve) => {
  createInterface({ input: process.stdin }).once("line", (text) => resolve([text]));
});
const { name, address } = JSON.parse(line);
const running = runWriter({ name, addresses: [address], follows: false }, stopping.signal);
let printed = 0;
function printNew(): void {
  for (const row of running.acknowledged.slice(printed)) {
    console.log(JSON.stringify({ ...row, at: row.at + performance.timeOrigin }));
    printed += 1;
  }
}
while (!stopping.signal.aborted) {
  printNew();
  await pause(20);
}
await running.ended;
printNew();
process.exit(0);
