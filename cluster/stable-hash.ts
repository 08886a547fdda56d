/**
 * A whole number from 0 to 2³² - 1 that is always the same for a text, and for another text most likely another: FNV-1a.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9923
 */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}
