import { buildImage, type ImageName, imageTag } from "../images/build.ts";
import { connectEngine } from "../toolchain/engine.ts";
import { local, root } from "../toolchain/paths.ts";

/** An image that only tests use, built when it is not there. Returns its tag. */
export async function testImage(name: ImageName): Promise<string> {
  const tag = imageTag(name, root);
  const present = await connectEngine()
    .getImage(tag)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (!present) await buildImage(name, { root, workDir: `${local}/tmp/images`, onLine: () => undefined });
  return tag;
}
