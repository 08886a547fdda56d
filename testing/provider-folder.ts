import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder of the provider of our own resource types, as `plugins.providers` of a Pulumi.yaml takes it: below the root of
 * this package, whether this runs from its sources or from what is made of them.
 *
 * @throws Error when the package is not whole.
 */
export function providerFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const found = [join(here, "../provider"), join(here, "../../provider")].find((folder) =>
    existsSync(join(folder, "pulumi-resource-spilo")),
  );
  if (found === undefined)
    throw new Error(`pulumi-resource-spilo is not beside ${here}: install pulumi-spilo anew`);
  return found;
}
