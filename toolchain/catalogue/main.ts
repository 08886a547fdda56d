import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { imageTag } from "../../images/build.ts";
import { root } from "../paths.ts";
import { joinCatalogue, printCatalogue } from "./join.ts";
import { readAnswer, type ServerAnswer, serverScript } from "./server-row.ts";

/**
 * Writes `cluster/parameters/catalogue.json`, from a server of each kind that is at hand: 17 in the image of the members, and 15
 * of Debian's package postgresql-15 on this host. Needs root, for the server's user. Then writes `docs/settings.md`;
 * with `page` that alone, which needs nothing.
 *
 *     node --import tsx toolchain/catalogue/main.ts [page]
 */
if (process.argv[2] !== "page") {
  const answers = await Promise.all([askHost(15), askImage(17)]);
  await writeFile(join(root, "cluster/parameters/catalogue.json"), printCatalogue(joinCatalogue(answers)));
}
// Only now: what it tells of parameters is read from the catalogue.
const { settingsPage } = await import("./settings-page.ts");
await writeFile(join(root, "docs/settings.md"), settingsPage());

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
