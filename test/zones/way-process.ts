import { wayIsOpen } from "../../actions/way/open-way.ts";

/** A process that opens a way, says so, and ends or not. */
const [, , way, then] = process.argv;
await wayIsOpen({ way });
console.log("open");
if (then === "stay") setInterval(() => undefined, 1000);
