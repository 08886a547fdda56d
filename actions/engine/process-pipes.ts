import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf } from "../action-error.ts";

/** How long the last words of a process that has ended may be on their way. */
const LAST_WORDS_MS = 200;

/** As much of what it says as is kept. */
const SAID_CHARACTERS = 4096;

/**
 * A process as a connection: what is written goes to its standard input, what it writes is read. The connection ends when
 * the process does, and whoever destroys it ends the process.
 *
 * A process that fails destroys it with the last line of its standard error. The error comes in place of an end, so that
 * nobody takes an answer that was cut short for a whole one.
 *
 * @param name begins the error's message.
 * @param inWords what of its last line is told. @default all of it
 */
export function pipesOf(
  child: ChildProcessWithoutNullStreams,
  name: string,
  inWords: (failure: string) => Promise<string> = async (failure) => failure,
): Duplex {
  const { stdin, stdout, stderr } = child;
  const pipes = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk, _encoding, done) => void stdin.write(chunk, () => done()),
    // Not when it has come through: of a process that ends meanwhile, nobody would say so.
    final: (done) => {
      stdin.end();
      done();
    },
    destroy: (error, done) => {
      child.kill();
      for (const pipe of [stdin, stdout, stderr]) pipe.destroy();
      // Later: of TLS that broke off on it, it is said first why.
      setImmediate(done, error);
    },
  });
  // What cannot be written to it any more is told by how it ends.
  stdin.on("error", () => undefined);
  // Whoever uses the connection hears of it, too; after the answer nobody does, and it no longer matters.
  pipes.on("error", () => undefined);
  stdout.on("data", (chunk) => {
    if (!pipes.push(chunk)) stdout.pause();
  });
  failureOf(child).then(
    async (failure) => {
      if (failure === undefined) pipes.push(null);
      else pipes.destroy(new Error(`${name}: ${await inWords(failure)}`));
    },
    (error) => pipes.destroy(new Error(`${name}: it does not start: ${reasonOf(error)}`, { cause: error })),
  );
  return pipes;
}

/**
 * Why a process has failed, once it has ended and all that it wrote is read.
 *
 * @throws Error when it could not be started.
 */
async function failureOf(child: ChildProcessWithoutNullStreams): Promise<string | undefined> {
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-SAID_CHARACTERS);
  });
  const closed = once(child, "close").catch(() => undefined);
  const [[code, signal]] = await Promise.all([once(child, "exit"), once(child.stdout, "end")]);
  if (code === 0) return undefined;
  // Not for ever: a connection that ssh keeps for others, as a user may wish, holds its standard error open.
  await Promise.race([closed, sleep(LAST_WORDS_MS)]);
  return said.trim().split(/\r?\n/).at(-1) || `it ended with ${signal ?? code}`;
}
