import { spanInWords } from "../../cluster/running/span-words.ts";
import { bytesInWords } from "../../cluster/schema/byte-words.ts";
import type { StatusReport } from "../status/report.ts";

/** `10.1.0.10:5000, streaming, 0 B behind, heard 0.3 s ago, last commit 4 s ago`. */
export function followsText({ inWords, source }: NonNullable<StatusReport["follows"]>): string {
  if (source === null) return `${inWords}, unknown`;
  const { streams, lagBytes, heardSeconds, lastCommitSeconds } = source;
  const commit =
    lastCommitSeconds === null ? "" : `, last commit ${spanInWords(Math.max(0, lastCommitSeconds))} ago`;
  if (!streams) return `${inWords}, not streaming${commit}`;
  const behind = lagBytes === null ? "an unknown number of bytes" : bytesInWords(lagBytes);
  const heard = heardSeconds === null ? "" : `, heard ${spanInWords(Math.max(0, heardSeconds))} ago`;
  return `${inWords}, streaming, ${behind} behind${heard}${commit}`;
}
