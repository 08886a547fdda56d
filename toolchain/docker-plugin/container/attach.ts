import { ask, askForBytes, type Engine } from "../engine.ts";
import { saying } from "../failures.ts";
import type { Limits } from "../kind.ts";
import { flag, type Properties } from "../values.ts";

/** Waits for the container's process to end. @returns its logs, when the program asks for them */
export async function attachUntilEnd(
  engine: Engine,
  id: string,
  inputs: Properties,
  limits: Limits,
): Promise<Properties> {
  await saying("Unable to wait container end of execution", () =>
    ask(engine, { method: "POST", path: `/containers/${id}/wait`, timeoutMs: limits.timeoutMs }),
  );
  if (!flag(inputs, "logs")) return {};
  const query = { stdout: true, stderr: true };
  const stream = await askForBytes(engine, { method: "GET", path: `/containers/${id}/logs`, query });
  return { containerLogs: flag(inputs, "tty") ? String(stream) : withoutFrames(stream) };
}

/** Without a terminal the engine puts an 8-byte header with the length before each piece of output. */
function withoutFrames(stream: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= stream.length; ) {
    const end = at + 8 + stream.readUInt32BE(at + 4);
    pieces.push(stream.subarray(at + 8, end));
    at = end;
  }
  return String(Buffer.concat(pieces));
}
