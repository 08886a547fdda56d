import type { z } from "zod";
import { endpointAddress, subnetOf } from "../placement/addresses.ts";
import { runRules } from "../rules/rules.ts";
import { standardStart } from "../upkeep/maintenance.ts";
import { publishedImages } from "./published-images.ts";
import { clusterSchema, imagesSchema } from "./schema.ts";
import { readLeniently } from "./schema-issues.ts";
import { imagesKey, SpecError, type SpecIssue } from "./spec-error.ts";

/** What a user may write; all but the name has a default. */
export type ClusterSpecInput = z.input<typeof clusterSchema>;

/** A checked specification with every default filled in. */
export type ClusterSpec = ReturnType<typeof complete>;

/** Names of images on this machine; an absent one is the default. */
export type ImageNames = z.infer<typeof imagesSchema>;

/**
 * Checks a specification and fills in its defaults.
 *
 * @param input the value of `spilo:cluster`.
 * @param images the value of `spilo:images`, if there is one: defaults for the image keys.
 * @throws SpecError with everything that is wrong, at once.
 */
export function parseSpec(input: unknown, images: unknown = {}): ClusterSpec {
  const { spec, issues } = readSpec(input, images);
  if (spec === undefined || issues.length > 0) throw new SpecError(issues);
  return spec;
}

/** What came of reading a specification. */
export interface SpecReading {
  /** The sound part of it with all defaults; absent when there is nothing to go on with. */
  readonly spec?: ClusterSpec;
  readonly issues: readonly SpecIssue[];
}

/** Reads a specification, telling all that is wrong, and goes on with the sound part of it. */
export function readSpec(input: unknown, images: unknown = {}): SpecReading {
  const names = readLeniently(imagesSchema, images, imagesKey);
  const written = readLeniently(clusterSchema, input, "");
  const found = [...written.issues, ...names.issues];
  // What is sound is checked further, so that one run shows every error.
  const spec = written.value && complete(written.value, names.value ?? {});
  return spec === undefined
    ? { issues: found }
    : { spec, issues: [...found, ...runRules(spec, written.broken)] };
}

/** Defaults that follow from other keys. */
function complete(written: z.output<typeof clusterSchema>, images: ImageNames) {
  const { name, members, synchronous, network, etcd, endpoint, backup, maintenance } = written;
  const subnet = network.subnet ?? subnetOf(name);
  return {
    ...written,
    image: written.image ?? images.spilo ?? publishedImages.spilo,
    synchronous: { ...synchronous, mode: synchronous.mode ?? (members === 1 ? "off" : "quorum") },
    network: { ...network, subnet },
    etcd: { ...etcd, image: etcd.image ?? images.etcd ?? publishedImages.etcd },
    endpoint: {
      ...endpoint,
      vip: endpoint.vip ?? endpointAddress(subnet),
      image: endpoint.image ?? images.proxy ?? publishedImages.proxy,
    },
    backup: {
      ...backup,
      bucket: backup.bucket ?? `${name}-wal`,
      image: backup.image ?? images.s3 ?? publishedImages.s3,
    },
    maintenance: { ...maintenance, start: maintenance.start ?? standardStart(name, maintenance.minutes) },
  };
}
