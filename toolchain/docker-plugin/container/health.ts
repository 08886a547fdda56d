import { poll } from "../deadline.ts";
import { askFor, type Engine } from "../engine.ts";
import { saying } from "../failures.ts";
import { isProperties, type Properties, record, text, whole } from "../values.ts";

/**
 * Waits until the container is healthy. An unhealthy or exited one is waited for all the same, to the end of
 * `waitTimeout` (seconds): it may recover or be restarted.
 *
 * @throws when there is no healthcheck, or the time is over
 */
export async function waitForHealth(engine: Engine, id: string, inputs: Properties): Promise<void> {
  const polling = { everyMs: 1000, timeoutMs: whole(inputs, "waitTimeout") * 1000, signal: engine.signal };
  const healthy = await poll(async () => {
    const now = await saying("error inspecting container state", () =>
      askFor(engine, { method: "GET", path: `/containers/${id}/json` }),
    );
    const state = record(now, "State");
    if (!isProperties(state["Health"])) {
      throw new Error(
        "you have supplied a 'wait' argument, but the container does not have a healthcheck defined",
      );
    }
    return text(record(state, "Health"), "Status") === "healthy" ? true : undefined;
  }, polling);
  if (!healthy) throw new Error("container failed to be in healthy state");
}
