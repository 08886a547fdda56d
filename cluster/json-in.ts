/** What a text of JSON says; undefined when it is none. The text itself, which may hold secrets, is in no error. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
