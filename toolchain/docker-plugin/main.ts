/**
 * Stand-in for the official docker plugin, for machines where it cannot be downloaded. The engine starts it as
 * `pulumi-resource-docker ENGINE`, reads a port from its first line and talks to it over gRPC.
 */
import { createRequire } from "node:module";
import { serve } from "./server.ts";

/** How often to see whether the engine that started us is still there. */
const PARENT_CHECK_MS = 1000;

const manifest: { readonly version: string } = createRequire(import.meta.url)("@pulumi/docker/package.json");
const serving = await serve(manifest.version, process.env);
console.log(String(serving.port));

// A killed engine cannot tell us to go. What is under way is finished first, as the official plugin does.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  void serving.stop().then(() => process.exit(0));
}, PARENT_CHECK_MS);
