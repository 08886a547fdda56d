import type { VoterContainer } from "./container.ts";
import { type Joining, joiningConfiguration } from "./joining-configuration.ts";
import type { EtcdMember, EtcdMembership } from "./membership.ts";

export interface RejoinOptions extends Joining {
  readonly membership: EtcdMembership;
  /** As etcd lists it now; undefined: not at all. */
  readonly listed: EtcdMember | undefined;
  readonly container: VoterContainer;
  /** etcd's configuration as it is declared. */
  readonly configuration: string;
  /** Puts another one in its place. */
  readonly configure: (content: string) => Promise<void>;
}

/**
 * Has a voter whose data is lost join again, as a learner with another id: under its own it has made promises that it no
 * longer knows of. It is to be promoted when it is in step.
 *
 * Its container stands still meanwhile: started between its removal and its new configuration, etcd would take itself for
 * the first of a new cluster. Whatever it has written in such a moment is dropped. Cut off anywhere, all of it can be
 * done again.
 */
export async function rejoin(options: RejoinOptions): Promise<void> {
  const { membership, listed, container, configuration, configure, peerUrl } = options;
  await container.stop();
  if (listed !== undefined) await membership.remove(listed.id);
  await membership.addLearner(peerUrl);
  await container.dropData();
  await configure(joiningConfiguration(configuration, options, await membership.list()));
  await container.start();
}
