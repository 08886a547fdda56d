/** A position in the WAL, in bytes from its beginning, as PostgreSQL writes it: `0/35290B60`. */
export function lsnInWords(bytes: number): string {
  const position = BigInt(Math.round(bytes));
  const hexadecimal = (part: bigint) => part.toString(16).toUpperCase();
  return `${hexadecimal(position >> 32n)}/${hexadecimal(position & 0xffff_ffffn)}`;
}
