import { z } from "zod";
import { clusterAccess } from "./access.ts";

const login = z.object({ user: z.string(), password: z.string() });

/** Members take the former password until they are replaced; empty: there was none. */
const restLogin = login.extend({ former: z.string().optional() });

/** Where the parts of a cluster are and what opens them: what it takes to act on it. */
export const clusterReach = z.object({
  name: z.string(),
  /** Eight hexadecimal digits, in the name of everything that keeps data. */
  incarnation: z.string(),
  endpoint: z.object({
    address: z.string(),
    /** Of each proxy, for who tries one after the other; absent: `address` moves between them. */
    hosts: z.array(z.string()).readonly().optional(),
    readWritePort: z.number(),
    readOnlyPort: z.number(),
    /** Absent: there are no read replicas. */
    replicasPort: z.number().optional(),
    pooledPort: z.number().optional(),
    /** Whether standby clusters may stream through it. */
    standbys: z.boolean().optional(),
  }),
  members: z
    .array(
      z.object({
        name: z.string(),
        address: z.string(),
        restUrl: z.string(),
        postgresPort: z.number(),
        engine: z.string(),
        /** That it stands in. A stack of an earlier version names none. */
        zone: z.string().optional(),
        /** Whether it may have synchronous commits; one that may not is tagged `nosync` in Patroni. */
        synchronous: z.boolean().default(true),
      }),
    )
    .readonly(),
  /** A stack of an earlier version has none. */
  replicas: z
    .array(
      z.object({
        name: z.string(),
        /** As the specification calls it. */
        replica: z.string(),
        address: z.string(),
        restUrl: z.string(),
        postgresPort: z.number(),
        engine: z.string(),
        zone: z.string(),
        /** Whom it follows; absent: the leader. */
        upstream: z.string().optional(),
        /** How long after its commit a change shows up, seconds; absent: at once. */
        applyDelaySeconds: z.number().optional(),
      }),
    )
    .readonly()
    .default([]),
  voters: z.array(z.object({ name: z.string(), url: z.string() })).readonly(),
  proxies: z.array(z.object({ name: z.string(), address: z.string(), engine: z.string() })).readonly(),
  synchronousStandbys: z.number(),
  credentials: z.object({
    operator: login,
    /** Whom poolers know as the operator until they are replaced; without a password, there was none. */
    formerOperator: login.optional(),
    rest: restLogin,
    etcd: login,
    access: clusterAccess,
  }),
});

/** Secrets included: not to be printed. */
export type ClusterReach = z.infer<typeof clusterReach>;
