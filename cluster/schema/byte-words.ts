const units = ["B", "kB", "MB", "GB", "TB"] as const;

/** A number of bytes as a sentence has it, in PostgreSQL's units (steps of 1024): `0 B`, `1.5 MB`, `48 MB`. */
export function bytesInWords(bytes: number): string {
  let amount = bytes;
  let index = 0;
  // What would be written as 1024 of a unit is one of the next.
  while (Math.round(amount) >= 1024 && index < units.length - 1) {
    amount /= 1024;
    index += 1;
  }
  const written = amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount);
  return `${written} ${units[index]}`;
}
