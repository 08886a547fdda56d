import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", ".local/**"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Two cores: more would only make the timing of the live parts worse.
    maxWorkers: 2,
  },
});
