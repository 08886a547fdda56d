import { randomBytes } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { ClusterHandle, StatusReport } from "../actions/index.ts";
import { clusterHandle, parseStackOutputs, status } from "../actions/index.ts";
import type { SpiloClusterArgs } from "../components/index.ts";
import { interruption } from "./interruption.ts";
import { makeStack, type TestStack } from "./test-stack.ts";

/** What a test may say of its cluster; all else is filled in. */
export interface TestClusterOptions
  extends Omit<Partial<SpiloClusterArgs>, "deletionProtection" | "finalBackup"> {
  /** @default `test-` and six hexadecimal digits: two suites are never in each other's way */
  readonly name?: string;
  /** When `spiloctl sweep` may take it, should the tests be killed. @default 2h */
  readonly ttl?: string;
  /** @default the user of this machine, and its name */
  readonly owner?: string;
}

/** A cluster while a test has it. */
export interface TestCluster {
  readonly name: string;
  /** The application's database on the leader, password and authority included. */
  readonly uri: string;
  /** The same on a standby, or on the leader when there is none. */
  readonly readOnlyUri: string;
  /** A file with the certificate of the cluster's authority, which the URIs name. */
  readonly caFile: string;
  /** For every verb of `pulumi-spilo/actions`. Holds secrets. */
  readonly handle: ClusterHandle;
  /** Who leads, who lags: what `spiloctl status --json` tells. */
  status(): Promise<StatusReport>;
  /**
   * Changes the cluster as an `up` of a changed program does.
   *
   * @param change what is to be otherwise than it was declared.
   */
  update(change: TestClusterOptions): Promise<void>;
}

/**
 * Brings up a cluster for a test, has the test work with it, and takes it away: also when the test fails, and when the
 * process is told to end (SIGINT, SIGTERM). Should it be killed, `spiloctl sweep` removes what is left when `ttl` has
 * passed. State and passphrase are in a folder of their own, for as long as the cluster lives.
 *
 * @returns what `work` returns.
 * @throws what `work` throws; or Pulumi's error, when the cluster cannot be brought up; or an error that says what stays, when
 *   it cannot be taken away.
 */
export async function withCluster<T>(
  options: TestClusterOptions,
  work: (cluster: TestCluster) => Promise<T>,
): Promise<T> {
  const declared = declaredBy(options);
  const interrupted = interruption();
  try {
    const stack = await makeStack(declared.name);
    try {
      return await interrupted.orElse(
        stack.up(declared).then(() => interrupted.check(() => work(testCluster(declared, stack)))),
      );
    } finally {
      await stack.takeAway();
    }
  } finally {
    interrupted.end();
  }
}

type Declared = TestClusterOptions & { readonly name: string };

function declaredBy(options: TestClusterOptions): Declared & SpiloClusterArgs {
  const { name = `test-${randomBytes(3).toString("hex")}`, ttl = "2h" } = options;
  const { owner = `${userInfo().username}@${hostname()}`.slice(0, 100) } = options;
  return { ...options, name, ttl, owner, deletionProtection: false, finalBackup: false };
}

function testCluster(declared: Declared & SpiloClusterArgs, stack: TestStack): TestCluster {
  const outputs = () => parseStackOutputs(`test cluster ${declared.name}`, stack.outputs());
  const withCa = (uri: string) => `${uri}&sslrootcert=${encodeURIComponent(stack.caFile)}`;
  return {
    name: declared.name,
    get uri() {
      return withCa(outputs().uri);
    },
    get readOnlyUri() {
      return withCa(String(stack.outputs()["readOnlyUri"]));
    },
    caFile: stack.caFile,
    get handle() {
      return clusterHandle(outputs());
    },
    status: () => status(clusterHandle(outputs())),
    update: (change) => stack.up({ ...declared, ...change, name: declared.name }),
  };
}
