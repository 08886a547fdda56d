import type * as docker from "@pulumi/docker";
import type { ClassedInput } from "../input-class.ts";

/**
 * Every input that a member's container has, and what a change of it does. An input that is not here has not been thought
 * about: an update in place of the docker provider reaches the leader without anybody asking whether it may.
 */
export const memberInputs: Readonly<Partial<Record<keyof docker.ContainerArgs, ClassedInput>>> = {
  capabilities: { class: "replace", why: "the kernel takes them when the process starts" },
  cpus: { class: "replace", why: "the provider replaces for it, though the engine could change it in place" },
  destroyGraceSeconds: { class: "harmless", why: "noted for the next time that the container is stopped" },
  envs: { class: "replace", why: "Spilo writes Patroni's configuration from it when it starts" },
  hostname: { class: "replace", why: "set when the container is made; it is the member's name" },
  hosts: { class: "replace", why: "over several zones: written into the container when it is made" },
  image: { class: "replace", why: "another PostgreSQL, Patroni or base system" },
  labels: { class: "replace", why: "set when the container is made; none of them ever changes" },
  logDriver: { class: "replace", why: "set when the container is made" },
  logOpts: { class: "replace", why: "set when the container is made" },
  memory: {
    class: "replace",
    why: "ours: the provider would set it in place, and a lower limit kills a running leader",
  },
  memorySwap: { class: "replace", why: "ours: it goes with memory" },
  name: { class: "replace", why: "the member's name, which is for ever" },
  networkMode: { class: "replace", why: "over several zones: set when the container is made" },
  networksAdvanced: { class: "replace", why: "in one zone: the member's address, which is for ever" },
  restart: {
    class: "harmless",
    why: "tells the engine what to do when the container has ended; what runs goes on",
  },
  securityOpts: { class: "replace", why: "the kernel takes them when the process starts" },
  shmSize: { class: "replace", why: "/dev/shm is made with the container" },
  stopTimeout: {
    class: "replace",
    why: "the provider replaces for it, though it counts at the next stop only",
  },
  volumes: { class: "replace", why: "mounted when the container is made" },
};
