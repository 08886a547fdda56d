import type { ImageName } from "./build.ts";

/** The folders that an image has in common with others: in its build context each stands beside its own files. */
export function sharedBy(name: ImageName): readonly string[] {
  return name === "spilo" || name === "proxy" ? ["shared"] : [];
}
