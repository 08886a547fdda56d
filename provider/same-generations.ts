import { asProperties } from "./wire.ts";

const counted = ["passwords", "application"] as const;

/** Are the logins of two specifications of the same generations? One of an earlier version has none: the first. */
export function areSameGenerations(left: unknown, right: unknown): boolean {
  const [one, other] = [left, right].map((of) => asProperties(asProperties(of)["rotation"]));
  return counted.every((name) => (one?.[name] ?? 1) === (other?.[name] ?? 1));
}
