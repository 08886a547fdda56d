import { createHash } from "node:crypto";
import { execa } from "execa";
import { findCluster } from "../../../actions/patroni/find-cluster.ts";
import { patroniClient } from "../../../actions/patroni/patroni-client.ts";
import type { EndpointPlan } from "../../../cluster/plan-types.ts";
import { connectEngine } from "../../../toolchain/engine.ts";
import { evaluate, type LiveCluster, liveCluster } from "../cluster-view.ts";
import type { World } from "../world.ts";

/** How a cluster stands: everything that a claim of a plan can be about. */
export interface Standing {
  /** By name of the part. */
  readonly containers: Readonly<Record<string, Container>>;
  /** When each volume was made, by its real name. */
  readonly volumes: Readonly<Record<string, string>>;
  /** What the cluster itself says; undefined: there is none. */
  readonly inside: Inside | undefined;
}

interface Container {
  readonly id: string;
  readonly startedAt: string;
  readonly env: readonly string[];
  /** Of all files of its identity: another one is another certificate, or another configuration. */
  readonly identity: string;
}

interface Inside {
  /** Of each member's PostgreSQL: when it was started, and every parameter. */
  readonly servers: Readonly<
    Record<string, { readonly startedAt: string; readonly settings: Readonly<Record<string, string>> }>
  >;
  /** Patroni's `/config`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly outputs: Outputs;
  /** Roles that may log in. */
  readonly logins: readonly string[];
  readonly logicalSlots: readonly string[];
  /** Whether the state has its end protected. */
  readonly isProtected: boolean;
}

interface Outputs {
  readonly endpoint: EndpointPlan;
  readonly survives: readonly string[];
  readonly ca: string;
  readonly credentials: { readonly application: { readonly user: string } };
}

const engine = connectEngine();

/** @param isThere whether there is a cluster to ask. */
export async function standingOf(world: World, isThere = true): Promise<Standing> {
  const filters = { label: [`pulumi-spilo.cluster=${world.stack}`] };
  const [found, volumes] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listVolumes({ filters: JSON.stringify(filters) }),
  ]);
  const containers = await Promise.all(found.map(async ({ Id }) => containerOf(Id)));
  return {
    containers: Object.fromEntries(containers),
    volumes: Object.fromEntries(
      volumes.Volumes.map((volume) => [volume.Name, "CreatedAt" in volume ? String(volume.CreatedAt) : ""]),
    ),
    inside: isThere ? await insideOf(world) : undefined,
  };
}

async function containerOf(id: string): Promise<[string, Container]> {
  const { Name, State, Config } = await engine.getContainer(id).inspect();
  const files = await execa("docker", ["cp", `${id}:/etc/identity/.`, "-"], { encoding: "buffer" });
  const identity = createHash("sha256").update(files.stdout).digest("hex");
  return [Name.slice(1), { id, startedAt: State.StartedAt, env: Config.Env, identity }];
}

async function insideOf(world: World): Promise<Inside> {
  const cluster = await liveCluster(world);
  const outputs = JSON.parse(await world.pulumi("stack", "output", "--json", "--show-secrets"));
  const state = JSON.parse(await world.pulumi("stack", "export"));
  const isProtected = state.deployment.resources.some(
    ({ type, protect }: { type: string; protect?: boolean }) =>
      type === "spilo:index:Guard" && protect === true,
  );
  const patroni = patroniClient(cluster.patroni);
  const { restUrl } = await findCluster(patroni, cluster.restUrls);
  const [servers, config, logins, slots] = await Promise.all([
    serversOf(cluster),
    patroni.config(restUrl),
    evaluate(cluster.endpoint, "(select coalesce(json_agg(rolname), '[]') from pg_roles where rolcanlogin)"),
    evaluate(
      cluster.endpoint,
      "(select coalesce(json_agg(slot_name), '[]') from pg_replication_slots where slot_type = 'logical')",
    ),
  ]);
  return {
    servers,
    config,
    outputs,
    logins: JSON.parse(logins),
    logicalSlots: JSON.parse(slots),
    isProtected,
  };
}

async function serversOf(cluster: LiveCluster): Promise<Inside["servers"]> {
  const facts = await cluster.onEach(
    "json_build_object('startedAt', pg_postmaster_start_time(), 'settings', " +
      "(select json_object_agg(name, current_setting(name)) from pg_settings where name not like '%ssl%'))",
  );
  return Object.fromEntries(facts.map((fact, index) => [cluster.names[index], JSON.parse(fact)]));
}
