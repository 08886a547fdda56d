import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { ready, root } from "./stage.ts";

test("the unit tests of the image's Python pass with the image's Python", async () => {
  const image = await ready("spilo");
  const sources = await execa("tar", ["--create", "-C", join(root, "images", "spilo"), "."], {
    encoding: "buffer",
  });
  const script = "mkdir /tmp/src && cd /tmp/src && tar x && python3 -m unittest discover -s tests -t .";
  const { stderr } = await execa("docker", ["run", "--rm", "-i", image, "sh", "-c", script], {
    input: sources.stdout,
  });
  expect(stderr).toMatch(/Ran [1-9]\d* tests in [\s\S]*\nOK$/);
}, 120_000);
