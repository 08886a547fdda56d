import type { Clock } from "../../actions/wait.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that stands still while anybody works, and jumps to whoever sleeps least when all do. */
export function virtualClock(): Clock {
  let now = 0;
  let sleepers: readonly Sleeper[] = [];
  let pumping = false;

  const pump = () => {
    const [first] = sleepers.toSorted((a, b) => a.at - b.at);
    if (first === undefined) {
      pumping = false;
      return;
    }
    sleepers = sleepers.filter((one) => one !== first);
    now = Math.max(now, first.at);
    first.wake();
    setImmediate(pump);
  };

  return {
    now: () => now,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const abort = () => {
          sleepers = sleepers.filter((one) => one !== sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        };
        const sleeper: Sleeper = { at: now + milliseconds, wake };
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        signal?.addEventListener("abort", abort, { once: true });
        sleepers = [...sleepers, sleeper];
        if (!pumping) {
          pumping = true;
          setImmediate(pump);
        }
      }),
  };
}
