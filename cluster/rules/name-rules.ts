import type { ClusterSpec } from "../schema/cluster-spec.ts";
import type { SpecIssue } from "../schema/spec-error.ts";
import type { Rule } from "./rule.ts";

/** Names of parts and images that would get in each other's way. */
export const nameRules: readonly Rule[] = [
  { reads: ["name"], check: nameIsNoPart },
  { reads: ["name"], check: nameIsNoEngineNetwork },
  { reads: ["image", "postgresql.version"], check: imageCarriesVersion },
];

/** The members of a cluster `a-etcd` would be called as the voters of a cluster `a` are. */
function nameIsNoPart({ name }: ClusterSpec): readonly SpecIssue[] {
  const suffix = ["-etcd", "-proxy", "-replica"].find((ending) => name.endsWith(ending));
  if (suffix === undefined) return [];
  const other = name.slice(0, -suffix.length);
  return [
    {
      path: "name",
      value: name,
      message: `must not end in ${suffix}: its members would be named as parts of a cluster ${other} are`,
      remedy: `Choose another name, such as ${other}.`,
    },
  ];
}

/** The network gets the cluster's name, and these exist on every engine. */
function nameIsNoEngineNetwork({ name }: ClusterSpec): readonly SpecIssue[] {
  if (!["bridge", "default", "host", "ingress", "none"].includes(name)) return [];
  return [
    {
      path: "name",
      value: name,
      message: "is the name of a network that every Docker engine has",
      remedy: "Choose another name, such as orders.",
    },
  ];
}

/** An image named `spilo-17` carries 17 and older ones; of other names nothing is known. */
function imageCarriesVersion({ image, postgresql: { version } }: ClusterSpec): readonly SpecIssue[] {
  const newest = Number(/\bspilo-(\d+)(?=[:@]|$)/.exec(image)?.[1] ?? version);
  if (version <= newest) return [];
  return [
    {
      path: "postgresql.version",
      value: version,
      message: `the image ${image} carries PostgreSQL ${newest} and older ones`,
      remedy: `Set postgresql.version to ${newest}, or image to one named spilo-${version}.`,
    },
  ];
}
