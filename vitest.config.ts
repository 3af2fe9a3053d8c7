import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["{packages,adapters,examples,scripts}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.hanok/**", "**/dist/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    typecheck: { enabled: false },
  },
})
