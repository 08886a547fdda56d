/** Bytes of a WAL file, as initdb makes them. */
const SEGMENT = 16 * 1024 ** 2;
/** Of them, in a log: the middle part of a file's name. */
const SEGMENTS_A_LOG = 256;

/** The number of a WAL file by its name, whichever timeline it is of: the next one goes on counting. */
export function segmentNumber(name: string): number {
  return Number.parseInt(name.slice(8, 16), 16) * SEGMENTS_A_LOG + Number.parseInt(name.slice(16), 16);
}

/** @param timeline as it stands in a name: eight digits. */
export function segmentName(timeline: string, number: number): string {
  return `${timeline}${hex(Math.floor(number / SEGMENTS_A_LOG))}${hex(number % SEGMENTS_A_LOG)}`;
}

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(8, "0");
}

/** `0/35290B60` as a number. */
export function positionOf(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** The number of the WAL file that holds the last byte before a position. */
export function segmentBefore(lsn: string): number {
  return Number((positionOf(lsn) - 1n) / BigInt(SEGMENT));
}

/** The position at which a WAL file of that number ends. */
export function endOfSegment(number: number): bigint {
  return BigInt(number + 1) * BigInt(SEGMENT);
}
