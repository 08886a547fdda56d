import { randomInt } from "node:crypto";
import { execa } from "execa";

/** The network of a cluster on this machine: containers and machines are in it side by side, each at its planned address. */
export interface VmNetwork {
  readonly name: string;
  /** `10.216.7.0/24` */
  readonly subnet: string;
  /** Three numbers of it. */
  readonly prefix: string;
  /** This machine's own address there, and the way out. */
  readonly gateway: string;
  /** Plugs a machine in. @returns the device that is its end of the cable */
  plug(number: number): Promise<string>;
  /** Whoever asks that address in this network is answered here: by whoever listens at the gateway's port. */
  answer(address: string, port: number, by: number): Promise<void>;
  remove(): Promise<void>;
}

/** Where machines ask for what they are. */
export const metadataAddress = "169.254.169.254";

/** The one that images are told to have Docker's from: there is none in the world. */
export const registryAddress = "192.0.2.1";

/** A bridge of Docker's, as it has rules for who goes where, and a way out. */
export async function makeNetwork(): Promise<VmNetwork> {
  const number = randomInt(1, 250);
  const prefix = `10.216.${number}`;
  const subnet = `${prefix}.0/24`;
  const gateway = `${prefix}.1`;
  const bridge = `spv${number}`;
  const name = `spilo-vm-${number}`;
  const cables: string[] = [];
  const rules: (readonly string[])[] = [];
  const places = ["--subnet", subnet, "--gateway", gateway];
  const options = ["--opt", `com.docker.network.bridge.name=${bridge}`];
  await execa("docker", ["network", "create", ...places, ...options, name]);
  return {
    ...{ name, subnet, prefix, gateway },
    plug: async (cable) => {
      const device = `${bridge}-${cable}`;
      await execa("ip", ["link", "delete", device], { reject: false });
      await execa("ip", ["tuntap", "add", device, "mode", "tap"]);
      cables.push(device);
      await execa("ip", ["link", "set", device, "master", bridge, "up"]);
      return device;
    },
    answer: async (address, port, by) => {
      const asked = ["--in-interface", bridge, "--destination", address, "--protocol", "tcp"];
      const answered = ["--jump", "DNAT", "--to-destination", `${gateway}:${by}`];
      const rule = [...asked, "--dport", String(port), ...answered];
      await execa("iptables", ["--table", "nat", "--insert", "PREROUTING", ...rule]);
      rules.push(rule);
    },
    remove: async () => {
      for (const rule of rules) {
        await execa("iptables", ["--table", "nat", "--delete", "PREROUTING", ...rule], { reject: false });
      }
      for (const device of cables) await execa("ip", ["link", "delete", device], { reject: false });
      await execa("docker", ["network", "rm", name], { reject: false });
    },
  };
}
