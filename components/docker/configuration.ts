import { createHash } from "node:crypto";
import { basename } from "node:path/posix";
import * as pulumi from "@pulumi/pulumi";
import type { ConfigurationFile } from "../platform.ts";

/** By file name. */
type Texts = Readonly<Record<string, pulumi.Input<string>>>;

/** Configurations in the form in which they are put beside a part's certificates. */
export interface Configured {
  /** A preview shows what changes in these. */
  readonly configuration: Texts;
  readonly secretConfiguration: Texts;
  /**
   * A variable that nobody reads. The engine does not know what is in a volume: by this one, a container is replaced
   * when its configuration is another. Nothing of a secret goes into it, as a short one could be guessed from it.
   */
  readonly variable: pulumi.Output<string>;
}

export function configured(configuration: readonly ConfigurationFile[]): Configured {
  const named = configuration.map((file) => ({ ...file, name: basename(file.path) }));
  const secret = named.filter(({ withoutSecret }) => withoutSecret !== undefined);
  const open = named.filter(({ withoutSecret }) => withoutSecret === undefined);
  const byName = (files: typeof named) => Object.fromEntries(files.map((one) => [one.name, one.content]));
  return {
    configuration: byName(open),
    secretConfiguration: byName(secret),
    variable: pulumi
      .all(named.map(({ content, replacedBy, withoutSecret }) => replacedBy ?? withoutSecret ?? content))
      .apply((texts) => `CONFIGURATION=${digest(texts)}`),
  };
}

function digest(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 16);
}
