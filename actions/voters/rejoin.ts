import type { VoterContainer } from "./container.ts";
import { type Joining, joiningConfiguration } from "./joining-configuration.ts";
import type { EtcdMember, EtcdMembership } from "./membership.ts";

export interface RejoinOptions extends Joining {
  readonly membership: EtcdMembership;
  /** Whom etcd lists now and shall not any more: the voter as it was, and whose place it takes. */
  readonly leaving: readonly EtcdMember[];
  readonly container: VoterContainer;
  /** etcd's configuration as it is declared. */
  readonly configuration: string;
  /** Puts another one in its place. */
  readonly configure: (content: string) => Promise<void>;
}

/**
 * Has a voter whose data is lost, or that etcd does not know, join as a learner with another id: under a former one it
 * has made promises that it no longer knows of. It is to be promoted when it is in step. Those who leave go first; one of
 * them that still runs ends itself.
 *
 * Its container stands still meanwhile: started between its removal and its new configuration, etcd would take itself for
 * the first of a new cluster. Whatever it has written in such a moment is dropped. Cut off anywhere, all of it can be
 * done again.
 */
export async function rejoin(options: RejoinOptions): Promise<void> {
  const { membership, leaving, container, configuration, configure, peerUrl } = options;
  await container.stop();
  for (const { id } of leaving) await membership.remove(id);
  await membership.addLearner(peerUrl);
  await container.dropData();
  await configure(joiningConfiguration(configuration, options, await membership.list()));
  await container.start();
}
