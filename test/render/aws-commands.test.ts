import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { root } from "../../toolchain/paths.ts";
import { ensurePulumi } from "../../toolchain/pulumi-cli.ts";
import { testImage } from "../test-image.ts";
import { runIn } from "./container.ts";

beforeAll(() => testImage("cloud"), 600_000);

const page = readFileSync(join(root, "docs/aws.md"), "utf8");

/** Commands of the page, as words; what is quoted is one. */
const commands = [...page.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)]
  .flatMap(([, block = ""]) => block.trim().split("\n"))
  .map((line) => line.trim());

/** The words before the first option, and the options. */
function taken(command: string): { readonly verb: string; readonly options: readonly string[] } {
  const words = command.match(/"[^"]*"|\S+/g) ?? [];
  const first = words.findIndex((word) => word.startsWith("-"));
  const named = first < 0 ? words : words.slice(0, first);
  return {
    verb: named.filter((word) => /^[a-z0-9-]+$/.test(word)).join(" "),
    options: words.filter((word) => /^--?[a-z]/.test(word)),
  };
}

describe("the commands of docs/aws.md", () => {
  const ofAws = commands.filter((command) => command.startsWith("aws "));
  const ofPulumi = commands.filter((command) => command.startsWith("pulumi "));

  it("are of AWS's CLI and of Pulumi's, and of nothing else", () => {
    expect([...ofAws, ...ofPulumi].sort()).toEqual(commands.toSorted());
    expect(ofAws.length).toBeGreaterThan(8);
  });

  it("of AWS's CLI exist, with every option", async () => {
    const verbs = [...new Set(ofAws.map((command) => taken(command).verb))];
    const script = ["aws help global", ...verbs]
      .map((verb) => {
        const asked = verb === "aws help global" ? "aws help" : `${verb} help`;
        return `echo "=== ${verb}"; ${asked} | sed 's/\\x1b\\[[0-9;]*m//g; s/.\\x08//g' || echo failed`;
      })
      .join("\n");
    const { exitCode, output } = await runIn({
      image: "cloud",
      env: { PAGER: "cat", COLUMNS: "200" },
      script,
    });
    expect(exitCode).toBe(0);
    const sections = new Map(
      output
        .split(/^=== /m)
        .map((text) => [text.slice(0, text.indexOf("\n")), text.slice(text.indexOf("\n"))]),
    );
    const everywhere = sections.get("aws help global") ?? "";
    for (const command of ofAws) {
      const { verb, options } = taken(command);
      const help = sections.get(verb) ?? "";
      expect(help, command).toContain("SYNOPSIS");
      for (const option of options) {
        const known = new RegExp(`(^|\\s|\\[)${option}(\\s|\\]|$)`, "m");
        expect(known.test(help) || known.test(everywhere), `${command}: ${option}`).toBe(true);
      }
    }
  }, 300_000);

  it("of Pulumi's CLI exist, with every option", async () => {
    const { bin } = await ensurePulumi(() => undefined);
    const pulumi = bin === undefined ? "pulumi" : join(bin, "pulumi");
    for (const command of ofPulumi) {
      const { verb, options } = taken(command);
      const { stdout } = await execa(pulumi, [...verb.split(" ").slice(1), "--help"]);
      expect(stdout).toContain(`Usage:\n  ${verb}`);
      for (const option of options) expect(stdout, command).toContain(option);
    }
  });
});

it("the page names every key of aws that has no default, and each kind of resource by its service", () => {
  for (const key of ["region", "ami", "keyPair"]) expect(page).toMatch(new RegExp(`^ {6}${key}: `, "m"));
  for (const kind of ["IAM", "Secrets Manager", "Route 53", "NAT gateways", "network load balancer"]) {
    expect(page).toContain(kind);
  }
});
