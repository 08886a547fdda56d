import { execa } from "execa";
import { afterAll, beforeAll, describe } from "vitest";
import { liveCluster } from "./cluster-view.ts";
import { watchProcesses } from "./listing.ts";
import { probeImage } from "./probe.ts";
import { secretsOf } from "./secrets.ts";
import type { Attacked } from "./security/context.ts";
import { credentialTests } from "./security/credentials.ts";
import { portTests } from "./security/ports.ts";
import { renewalTests } from "./security/renewal.ts";
import { rewindTests } from "./security/rewind.ts";
import { secretTests } from "./security/secrets.ts";
import { trafficTests } from "./security/traffic.ts";
import { makeWorld } from "./world.ts";

/** A cluster with everything on by default, and a pool, looked at by those who may not. */
const CLUSTER = "sec";
const FOREIGN = "sec-foreign";
const MINUTE = 60_000;

let attacked: Attacked | undefined;

beforeAll(async () => {
  const image = await probeImage();
  await execa("docker", ["network", "create", FOREIGN]);
  const world = await makeWorld(CLUSTER, { name: CLUSTER, endpoint: { pooled: true } });
  const watch = watchProcesses();
  const log = await world.run("up");
  const seen = { log, processes: await watch.stop() };
  const cluster = await liveCluster(world);
  const prefix = cluster.vip.replace(/\d+$/, "");
  attacked = {
    name: CLUSTER,
    world,
    cluster,
    image,
    foreign: FOREIGN,
    prefix,
    secrets: await secretsOf(world),
    seen,
  };
}, 10 * MINUTE);

afterAll(async () => {
  await attacked?.world.dispose();
  await execa("docker", ["network", "rm", FOREIGN], { reject: false });
}, 3 * MINUTE);

function get(): Attacked {
  if (attacked === undefined) throw new Error("there is no cluster");
  return attacked;
}

describe("a secret", () => secretTests(get));
describe("ports", () => portTests(get));
describe("without credentials", () => credentialTests(get));
describe("traffic", () => trafficTests(get));
describe("a certificate", () => renewalTests(get));
describe("a leader that has diverged", () => rewindTests(get));
