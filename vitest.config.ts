import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["{packages,adapters,examples,scripts}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/.hanok/**", "**/dist/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes at some time, also where others have the processors: the second that is usual says nothing about it.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 2,
    typecheck: { enabled: false },
  },
})
