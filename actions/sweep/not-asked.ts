import { andList } from "../../cluster/and-list.ts";
import { isSameEngine } from "../../cluster/placement/engine-address.ts";
import { markerName } from "../engine/marker.ts";
import type { FoundCluster } from "./find-clusters.ts";

/**
 * Where one life of a cluster may have something though nobody has asked there. An engine counts as asked by its address,
 * or by what the marker on it says which one it is; whether anything of the cluster is left there makes no difference, so
 * that a removal that was interrupted goes on.
 *
 * @param asked addresses of the engines that were.
 * @returns what to do about it, as a sentence without an end; undefined: all engines were asked.
 */
export function notAsked(
  { of, marker, marks, counts }: FoundCluster,
  asked: readonly string[],
): string | undefined {
  if (marker === undefined) return undefined;
  const { engines } = marker;
  if (typeof engines === "number") {
    const found = new Set(marks.map(({ engine }) => engine)).size;
    if (found >= engines) return undefined;
    const isBare = counts.containers + counts.volumes === 0;
    const left = `; should it have nothing there any more, remove the volume ${markerName(of)}`;
    return `it is on ${engines} engines, of which ${found} ${found === 1 ? "was" : "were"} asked: name all with --engine${isBare ? left : ""}`;
  }
  const known = asked.map((engine) => marks.find((mark) => mark.engine === engine)?.marker.engine ?? engine);
  const missing = engines.filter((named) => !known.some((engine) => isSameEngine(engine, named)));
  if (missing.length === 0) return undefined;
  return `it is on ${andList(missing)} as well: name all of its engines with --engine`;
}
