import type { InputClass } from "../input-class.ts";

interface MachineInput {
  readonly class: InputClass;
  readonly why: string;
}

/**
 * Every input that a machine has, and what a change of it does. An input that is not here has not been thought about: one
 * that AWS changes in place stops machines, and all of them at once.
 */
export const machineInputs: Readonly<Record<string, MachineInput>> = {
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
