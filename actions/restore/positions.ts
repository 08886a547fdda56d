/** `0/35290B60` as a number. */
export function positionOf(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** Where a segment of 16 MiB ends. */
export function endOfSegment(name: string): bigint {
  const [log, segment] = [name.slice(8, 16), name.slice(16)].map((digits) => BigInt(`0x${digits}`));
  return ((log ?? 0n) << 32n) + (((segment ?? 0n) + 1n) << 24n);
}
