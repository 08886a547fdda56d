import { container } from "./container/container.ts";
import { image } from "./image.ts";
import type { Kind } from "./kind.ts";
import { network } from "./network.ts";
import { volume } from "./volume.ts";

const kinds: ReadonlyMap<string, Kind> = new Map(
  [container, network, volume, image].map((kind) => [kind.token, kind]),
);

/** The kind of a resource by its URN. @throws when the stand-in has none such */
export function kindOf(urn: string): Kind {
  // A URN names the types of all parents before the resource's own.
  const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const kind = kinds.get(token);
  if (kind) return kind;
  const served = [...kinds.keys()].join(", ");
  throw new Error(
    `resource type '${token}' is not served by the stand-in for the docker plugin: it has ${served}`,
  );
}
