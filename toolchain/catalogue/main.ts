import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { imageTag } from "../../images/build.ts";
import { root } from "../paths.ts";
import { joinCatalogue, printCatalogue } from "./join.ts";
import { readAnswer, type ServerAnswer, serverScript } from "./server-row.ts";
import { specificationTypes } from "./specification-types.ts";

/**
 * Writes `cluster/parameters/catalogue.json`, from a server of each kind that is at hand: 17 in the image of the members, and 15
 * of Debian's package postgresql-15 on this host. Needs root, for the server's user. Then writes `docs/settings.md`, and the
 * types of the specification with their docstrings; with `page` or `types` one of the two alone, which needs nothing.
 *
 *     node --import tsx toolchain/catalogue/main.ts [page | types]
 */
const only = process.argv[2];
if (only === undefined) {
  const answers = await Promise.all([askHost(15), askImage(17)]);
  await writeFile(join(root, "cluster/parameters/catalogue.json"), printCatalogue(joinCatalogue(answers)));
}
// Only now: what it tells of parameters is read from the catalogue.
const { settingsPage } = await import("./settings-page.ts");
if (only !== "types") await writeFile(join(root, "docs/settings.md"), settingsPage());
if (only !== "page") {
  await writeFile(join(root, "cluster/schema/cluster-spec-input.ts"), specificationTypes());
}

async function askHost(version: number): Promise<ServerAnswer> {
  const { stdout } = await execa("bash", ["-s", programs(version)], { input: serverScript });
  return readAnswer(stdout);
}

async function askImage(version: number): Promise<ServerAnswer> {
  const run = ["run", "--rm", "--interactive", "--network", "none", "--entrypoint", "bash"];
  const { stdout } = await execa("docker", [...run, imageTag("spilo", root), "-s", programs(version)], {
    input: serverScript,
  });
  return readAnswer(stdout);
}

function programs(version: number): string {
  return `/usr/lib/postgresql/${version}/bin`;
}
