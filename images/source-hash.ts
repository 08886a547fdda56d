import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What lies in an image's folder and does not go into the image. */
export const notInImage = ["tests", "__pycache__", "README.md"] as const;

/** The first 12 hex digits of a SHA-256 over the names and contents of some folders under `images/`. */
export function sourceHash(root: string, folders: readonly string[], variant = ""): string {
  const hash = createHash("sha256").update(`${variant}\0`);
  for (const folder of folders) {
    const path = join(root, "images", folder);
    for (const file of filesIn(path)) {
      const content = readFileSync(join(path, file));
      hash.update(`${folder}/${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest("hex").slice(0, 12);
}

/** Every file of a folder that goes into an image, as sorted paths relative to it. */
function filesIn(folder: string, under = ""): string[] {
  const excluded: readonly string[] = notInImage;
  return readdirSync(join(folder, under), { withFileTypes: true })
    .filter((entry) => !excluded.includes(entry.name))
    .flatMap((entry) => {
      const path = join(under, entry.name);
      return entry.isDirectory() ? filesIn(folder, path) : [path];
    })
    .sort();
}
