import { setTimeout as pause } from "node:timers/promises";
import { interruption } from "../../testing/interruption.ts";

/** A process that works until it is told to end, and then takes something away for as many milliseconds as it is told. */
const interrupted = interruption();
try {
  await interrupted.orElse(
    interrupted.check(async () => {
      console.log("works");
      await pause(60_000);
    }),
  );
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
} finally {
  await pause(Number(process.argv[2]));
  console.log("taken away");
  interrupted.end();
}
