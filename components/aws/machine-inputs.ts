import type { ClassedInput } from "../input-class.ts";

/**
 * Every input that a machine has, and what a change of it does. An input that is not here has not been thought about: one
 * that AWS changes in place stops machines, and all of them at once.
 */
export const machineInputs: Readonly<Record<string, ClassedInput>> = {
  ami: { class: "replace", why: "another base system" },
  iamInstanceProfile: {
    class: "harmless",
    why: "associated anew while the machine runs; it is the same for ever",
  },
  instanceType: {
    class: "replace",
    why: "ours: the provider would stop, change and start all machines at once",
  },
  keyName: { class: "replace", why: "put on the machine when it is made" },
  metadataOptions: { class: "harmless", why: "changed while the machine runs; it is the same for ever" },
  primaryNetworkInterface: { class: "replace", why: "the machine's address, which is for ever" },
  rootBlockDevice: { class: "harmless", why: "grown while the machine runs; it is the same for ever" },
  tags: { class: "harmless", why: "for persons" },
  userData: {
    class: "replace",
    why: "ours, by userDataReplaceOnChange: the provider would stop all machines at once",
  },
  userDataReplaceOnChange: { class: "harmless", why: "said to the provider, and always the same" },
};

/** The same of its data volume. One that is replaced has lost its data: what does that is the same for ever. */
export const volumeInputs: Readonly<Record<string, ClassedInput>> = {
  availabilityZone: {
    class: "replace",
    why: "the zone is in the part's name: in another one it is another part",
  },
  encrypted: { class: "replace", why: "decided when the volume is made, and always true" },
  size: {
    class: "harmless",
    why: "grown while everything runs; the machine grows its file system within five minutes",
  },
  tags: { class: "harmless", why: "for persons" },
  type: { class: "harmless", why: "changed while everything runs; it is the same for ever" },
};

/** Of its address. One that is replaced takes its machine along. */
export const interfaceInputs: Readonly<Record<string, ClassedInput>> = {
  description: { class: "harmless", why: "for persons" },
  privateIps: { class: "harmless", why: "planned for the part, and the same for ever" },
  securityGroups: {
    class: "harmless",
    why: "changed while the machine runs; by another group, which is a replaced one",
  },
  subnetId: { class: "replace", why: "of the part's zone, and refused of a cluster that is there" },
  tags: { class: "harmless", why: "for persons" },
};

/** Of what joins a machine and its volume: it goes and comes with the machine, which is stopped by then. */
export const attachmentInputs: Readonly<Record<string, ClassedInput>> = {
  deviceName: { class: "replace", why: "always the same, and the machine does not go by it" },
  instanceId: { class: "replace", why: "another machine, for which the former one is gone" },
  stopInstanceBeforeDetaching: { class: "harmless", why: "said to the provider, and always the same" },
  volumeId: { class: "replace", why: "another volume, which is for another part" },
};
