import { parseDocument } from "yaml";
import type { EtcdMember } from "./membership.ts";

/** The one that joins. */
export interface Joining {
  readonly voter: string;
  readonly peerUrl: string;
}

/**
 * etcd's configuration for a voter without data that was just added to a cluster: as declared, but for whom it starts
 * among. etcd looks at both only while it has no data.
 *
 * @param members all that etcd lists, the one that joins included: it does not start with another list.
 */
export function joiningConfiguration(
  declared: string,
  { voter, peerUrl }: Joining,
  members: readonly EtcdMember[],
): string {
  const configuration = parseDocument(declared);
  const named = members.flatMap(({ id, name = `member-${id}`, peerUrls }) => {
    return peerUrls.map((url) => `${url === peerUrl ? voter : name}=${url}`);
  });
  configuration.set("initial-cluster", named.join(","));
  configuration.set("initial-cluster-state", "existing");
  return String(configuration);
}
