/** Somebody tells the process to end while there is something to take away first. */
export interface Interruption {
  /** The outcome of the work, or an error as soon as somebody says so. */
  orElse<T>(work: Promise<T>): Promise<T>;
  /** Does not begin what is not begun yet. */
  check<T>(work: () => Promise<T>): Promise<T>;
  /** All is taken away: the process ends as it was told to, if it was. */
  end(): void;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** Holds these signals up until `end`. A second one of them ends the process at once. */
export function interruption(): Interruption {
  let told: NodeJS.Signals | undefined;
  let reject: (error: Error) => void = () => undefined;
  const whenTold = new Promise<never>((_, rejectIt) => {
    reject = rejectIt;
  });
  // It is no error that nobody waits for it.
  whenTold.catch(() => undefined);
  const release = () => {
    for (const signal of signals) process.off(signal, listen);
  };
  const listen = (signal: NodeJS.Signals) => {
    if (told !== undefined) return endBy(signal, release);
    told = signal;
    reject(new Error(`interrupted by ${signal}: the cluster is taken away`));
  };
  for (const signal of signals) process.on(signal, listen);
  return {
    orElse: (work) => {
      // When it comes too late, nobody waits for it any more.
      work.catch(() => undefined);
      return Promise.race([work, whenTold]);
    },
    check: async (work) => (told === undefined ? await work() : await whenTold),
    end: () => {
      release();
      if (told !== undefined) endBy(told, release);
    },
  };
}

function endBy(signal: NodeJS.Signals, release: () => void): void {
  release();
  process.kill(process.pid, signal);
}
