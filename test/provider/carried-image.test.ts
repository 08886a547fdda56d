import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KindContext } from "../../provider/kind.ts";
import { carriedImageFrom } from "../../provider/kinds/carried-image.ts";
import { kinds } from "../../provider/kinds.ts";
import { spiloProvider } from "../../provider/provider.ts";
import { FakeEngine } from "./fake-engine.ts";

let here: FakeEngine;
let zone: FakeEngine;
let lines: string[];

beforeEach(async () => {
  [here, zone] = await Promise.all([new FakeEngine().start(), new FakeEngine().start()]);
  lines = [];
});

afterEach(() => Promise.all([here.stop(), zone.stop()]));

const context: KindContext = {
  report: (line, severity = "info") => lines.push(`${severity}: ${line}`),
  signal: new AbortController().signal,
};

const built = "pulumi-spilo/spilo:68aca3fa0f10";
const published = "registry.example:5000/spilo:4.0";

/** What an update does with an image of this name. */
async function carry(image: string) {
  const kind = carriedImageFrom(() => here.host);
  await kind.update?.({}, { image, engine: zone.host }, context);
}

describe("an image that a zone's engine needs", () => {
  it.each([built, published])("is carried when only this machine has it: %s", async (image) => {
    here.images.set(image, "sha256:1");
    const made = await carriedImageFrom(() => here.host).create({ image, engine: zone.host }, context);
    expect(made).toEqual({ id: "carried-image", outputs: {} });
    expect(zone.images.get(image)).toBe("sha256:1");
    expect(lines).toEqual([`info: ${image} (3 MiB) is carried from this machine to ${zone.host}`]);
  });

  it("is left to its registry when neither has it", async () => {
    await carry(published);
    expect([zone.done, lines]).toEqual([[], []]);
  });

  it.each([built, published])("stays as it is when both have the same: %s", async (image) => {
    here.images.set(image, "sha256:1");
    zone.images.set(image, "sha256:1");
    await carry(image);
    expect([zone.done, lines]).toEqual([[], []]);
  });

  it.each([
    [built, "sha256:here"],
    ["spilo", "sha256:here"],
    [published, "sha256:there"],
    ["localhost/spilo:1", "sha256:there"],
    ["ghcr.io/zalando/spilo-17:4.0-p3", "sha256:there"],
  ])("of which both have another is taken from here only when it was built here: %s", async (image, id) => {
    here.images.set(image, "sha256:here");
    zone.images.set(image, "sha256:there");
    await carry(image);
    expect(zone.images.get(image)).toBe(id);
  });

  it("is not carried by its digest, which an archive does not keep", async () => {
    const image = `${published}@sha256:${"0".repeat(64)}`;
    here.images.set(image, "sha256:1");
    await carry(image);
    expect(zone.asked).toBe(0);
  });

  it("is left to its registry on a machine without an engine", async () => {
    await here.stop();
    await carry(built);
    expect([zone.done, lines]).toEqual([[], []]);
  });

  it("is said not to be carried when this machine's engine will not tell", async () => {
    here.answers.set(`GET /images/${built}/json`, {
      status: 400,
      message: "HTTP request to an HTTPS server",
    });
    await carry(built);
    expect(lines).toEqual([expect.stringMatching(/^warning: .* is not carried: .*HTTPS server$/)]);
  });
});

describe("an image that does not arrive is an error", () => {
  it("when the engine cannot read it", async () => {
    here.images.set(built, "broken");
    await expect(carry(built)).rejects.toThrow(
      /docker\.sock: .*spilo:68aca3fa0f10 cannot be loaded: unexpected EOF/,
    );
  });

  it("when the engine refuses it", async () => {
    here.images.set(built, "sha256:1");
    zone.answers.set("POST /images/load", { status: 500, message: "no space left on device" });
    await expect(carry(built)).rejects.toThrow("no space left on device");
  });

  it("when the engine does not answer", async () => {
    here.images.set(built, "sha256:1");
    await zone.stop();
    await expect(carry(built)).rejects.toThrow(/the engine unix:.*ENOENT/);
  });
});

describe("a refresh of an image", () => {
  const provider = spiloProvider(async (_urn, line) => void lines.push(line), kinds);
  const urn = "urn:pulumi:prod::shop::spilo:index:SpiloCluster$spilo:index:CarriedImage::image";
  const refresh = async () =>
    await provider.read?.("carried-image", urn, { image: built, engine: zone.host });
  const dueAfter = async () => {
    const found = await refresh();
    const declared = { image: built, engine: zone.host };
    return (await provider.diff?.("carried-image", urn, found?.props ?? {}, declared))?.changes;
  };

  it("finds it where it is", async () => {
    zone.images.set(built, "sha256:1");
    expect(await dueAfter()).toBe(false);
    expect(lines).toEqual([]);
  });

  it("finds it gone, so that the next update carries it again", async () => {
    expect(await dueAfter()).toBe(true);
    expect(lines).toEqual([`${built} is gone from ${zone.host}`]);
    expect((await refresh())?.id).toBe("carried-image");
  });

  it("takes it as it was while the engine does not answer", async () => {
    await zone.stop();
    expect(await dueAfter()).toBe(false);
  });
});
