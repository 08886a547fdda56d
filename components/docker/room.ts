import * as pulumi from "@pulumi/pulumi";

/** Gets what runs ready to be taken away. */
export type Leave = () => Promise<void>;

interface RoomPlace {
  readonly cluster: string;
  readonly zone: string;
  /** The engine's address, as actions reach it. */
  readonly engine: string;
}

/** As much of a container's inputs as tells whether another one is the same part. */
interface Named {
  readonly name: string;
  readonly labels: readonly { readonly label: string; readonly value: string }[];
}

/**
 * An update that is killed while it makes a container leaves one of which no state knows, and the engine refuses a
 * second one of that name for ever. So before any is made, the one in its way is removed.
 *
 * A hook, as only the engine knows when a container is made. It runs before a creation alone, so that neither `destroy`
 * nor a cluster that is taken out of the program has need of it.
 */
export class Room {
  private readonly leaves = new Map<string, Leave>();
  private readonly hook: pulumi.ResourceHook | undefined;

  constructor({ cluster, zone, engine }: RoomPlace) {
    if (!canHook()) return;
    // The name is part of users' states.
    this.hook = new pulumi.ResourceHook(`${cluster}-${zone}-make-room`, async ({ name, newInputs, urn }) => {
      const { makeRoom } = await import("../../actions/engine/make-room.ts");
      const made = newInputs as Named;
      await makeRoom({
        engine,
        name: made.name,
        labels: Object.fromEntries(made.labels.map(({ label, value }) => [label, value])),
        leave: this.leaves.get(name),
        report: (line) => pulumi.log.warn(`${line} (${urn})`),
      });
    });
  }

  /** @param leave for the container that is in the way, while it runs. */
  before(part: string, leave: Leave | undefined): { readonly hooks: pulumi.ResourceHookBinding } {
    if (leave !== undefined) this.leaves.set(part, leave);
    return { hooks: this.hook === undefined ? {} : { beforeCreate: [this.hook] } };
  }
}

/** The mocks of `@pulumi/pulumi` say that they can, and wait for ever when they are asked to. */
function canHook(): boolean {
  const monitor: unknown = pulumi.runtime.getMonitor();
  return typeof monitor === "object" && monitor !== null && "registerResourceHook" in monitor;
}
