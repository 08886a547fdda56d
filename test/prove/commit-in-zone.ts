/** Reads an address from standard input, commits there by turns with and without waiting, and prints milliseconds. */
import { text } from "node:stream/consumers";
import pg from "pg";

const COMMITS = 400;
const client = new pg.Client(JSON.parse(await text(process.stdin)));
await client.connect();
await client.query("create table if not exists spilo_latency (id int)");
const times: { synchronous: number[]; local: number[] } = { synchronous: [], local: [] };
for (let commit = 0; commit < COMMITS; commit += 1) {
  for (const [kind, setting] of [["synchronous", "on"] as const, ["local", "local"] as const]) {
    await client.query(`set synchronous_commit = ${setting}`);
    const began = performance.now();
    await client.query("insert into spilo_latency values (1)");
    times[kind].push(performance.now() - began);
  }
}
await client.end();
console.log(JSON.stringify(times));
