import type { Narrator } from "../verbs/verb.ts";
import type { Clock } from "../wait.ts";

/** One step and what it took. */
export interface StepReport {
  readonly step: string;
  readonly milliseconds: number;
}

/** Tells steps as they end, each with the time since the one before. */
export interface Steps {
  done(step: string): void;
  /** Time that belongs to no step: the next one begins now. */
  begin(): void;
  readonly all: readonly StepReport[];
}

export function stepsOn(clock: Clock, narrator: Narrator): Steps {
  const all: StepReport[] = [];
  let since = clock.now();
  return {
    done: (step) => {
      const now = clock.now();
      const milliseconds = Math.round(now - since);
      since = now;
      all.push({ step, milliseconds });
      narrator.step(step, milliseconds);
    },
    begin: () => {
      since = clock.now();
    },
    all,
  };
}
