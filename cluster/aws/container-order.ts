import type { MemberPlan, PartPlan, ServerPartPlan, VoterPlan } from "../plan-types.ts";
import { containerPaths } from "../render/container-paths.ts";

/** How a part's container is run on a machine of its own. Nothing of it is a secret. */
export interface ContainerOrder {
  readonly name: string;
  readonly image: string;
  /** Of `docker run`, but for the volumes and the environment. */
  readonly arguments: readonly string[];
  /** Empty: the image's own. */
  readonly command: readonly string[];
  /** Run in the container when its files are others; empty: it reads them by itself. */
  readonly reload: readonly string[];
  /** Where its data volume is in the container; absent: it keeps nothing. */
  readonly dataPath?: string;
  /** Of its files, as the image knows its user. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Whether it makes use of a watchdog. */
  readonly watchdog: boolean;
  /** How long it is given to end. Seconds. */
  readonly graceSeconds: number;
}

/** The machine's network is the container's: addresses are the planned ones, and the machine is not used otherwise. */
function usual(
  { name, address, memoryMib, processes }: Pick<PartPlan, "name" | "address" | "memoryMib" | "processes">,
  capabilities: readonly string[],
): readonly string[] {
  return [
    ...["--rm", `--name=${name}`, `--hostname=${name}`, "--network=host", `--add-host=${name}:${address}`],
    // Swap is as large as memory says: none.
    ...[`--memory=${memoryMib}m`, `--memory-swap=${memoryMib}m`, `--pids-limit=${processes}`],
    ...["--security-opt=no-new-privileges", "--cap-drop=ALL"],
    ...capabilities.map((one) => `--cap-add=${one}`),
    "--log-driver=journald",
  ];
}

/** What Spilo's entry point needs as root, before PostgreSQL and Patroni run as their own user. */
export const memberCapabilities = [
  // The volume's files get their owner.
  "CAP_CHOWN",
  // It writes into folders of PostgreSQL's user.
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  // The supervisor ends what it has started, which is another user's.
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  // Spilo gives Patroni a better priority than PostgreSQL's backends.
  "CAP_SYS_NICE",
] as const;

export function memberOrder(plan: ServerPartPlan): ContainerOrder {
  return {
    name: plan.name,
    image: plan.image,
    arguments: [
      ...usual(plan, memberCapabilities),
      `--shm-size=${plan.shmMib}m`,
      ...(plan.cpus === undefined ? [] : [`--cpus=${plan.cpus}`]),
    ],
    command: [],
    // Patroni takes up its own certificate, and has PostgreSQL do the same.
    reload: ["sv", "hup", "/run/service/patroni"],
    dataPath: containerPaths.memberData,
    // Spilo's postgres.
    owner: { uid: 101, gid: 103 },
    watchdog: true,
    graceSeconds: 60,
  };
}

/** etcd reads its certificate anew at every handshake. */
export function voterOrder(plan: VoterPlan): ContainerOrder {
  return {
    name: plan.name,
    image: plan.image,
    arguments: [...usual(plan, []), "--read-only"],
    command: ["/usr/local/bin/etcd", `--config-file=${containerPaths.voterConfig}`],
    reload: [],
    dataPath: containerPaths.voterData,
    owner: { uid: 0, gid: 0 },
    watchdog: false,
    graceSeconds: 10,
  };
}

const poolerCapabilities = [
  // PgBouncer's user gets its own copies of what only root reads.
  "CAP_CHOWN",
  "CAP_FOWNER",
  // The supervisor ends what is another user's.
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
] as const;

/** The pool beside a member; undefined where there is none. In the image of the proxies, with no proxy. */
export function poolerOrder({
  address,
  pooler,
}: Pick<MemberPlan, "address" | "pooler">): ContainerOrder | undefined {
  if (pooler === undefined) return undefined;
  const { name, image } = pooler;
  return {
    ...{ name, image },
    arguments: [
      ...usual({ ...pooler, address }, poolerCapabilities),
      ...["--read-only", "--tmpfs=/run:mode=755", "--tmpfs=/tmp:mode=1777"],
    ],
    command: [],
    reload: [containerPaths.takeCertificates],
    owner: { uid: 0, gid: 0 },
    watchdog: false,
    graceSeconds: 10,
  };
}
