import { engineAddress, ownEngine } from "../../cluster/placement/engine-address.ts";

/** The engine of this machine, by the variables of Docker's own client. */
export function engineOfThisMachine(): string {
  const { DOCKER_HOST: host, DOCKER_TLS_VERIFY: verify, DOCKER_CERT_PATH: certificates } = process.env;
  return engineAddress(host || ownEngine, verify ? certificates : undefined);
}
