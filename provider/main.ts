import { main } from "@pulumi/pulumi/provider/server.js";
import { engineLog } from "./engine-log.ts";
import { spiloProvider } from "./provider.ts";

// The engine passes the address that it takes log lines on; flags that it may put before are not for us.
const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith("-"));

await main(spiloProvider(engineLog(engineAddress)), process.argv.slice(2));

// An engine that was killed cannot say so, and its next run must not find this one still restarting members. Whatever
// is cut off here can be done again.
const engine = process.ppid;
setInterval(() => {
  if (process.ppid !== engine) process.exit(1);
}, 1000).unref();
