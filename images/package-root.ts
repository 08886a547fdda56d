import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder that has `images` with the files that images are built from: of a checkout, or of the installed package, in
 * which what runs is a level deeper.
 *
 * @throws Error when the package is not whole.
 */
export function packageRoot(): string {
  const above = dirname(dirname(fileURLToPath(import.meta.url)));
  const found = [above, dirname(above)].find((folder) => existsSync(join(folder, "images/proxy/Dockerfile")));
  if (found === undefined) throw new Error(`images/ is not in ${above}: install pulumi-spilo anew`);
  return found;
}
