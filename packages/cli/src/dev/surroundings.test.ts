import { existsSync } from "node:fs"
import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { projectWith } from "../testing/run-hanok.ts"
import { createSurroundings } from "./surroundings.ts"

test("a database that could not be opened is opened when what was in the way is gone", { timeout: 60_000 }, async () => {
  const folder = await projectWith({})
  await mkdir(join(folder, "postgres/cluster/data"), { recursive: true })
  await writeFile(join(folder, "postgres/cluster/data/PG_VERSION"), "9.6\n")
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" }
  const surroundings = createSurroundings({ folder, env, onNotice: () => undefined })
  onTestFinished(() => surroundings.close())
  await expect(surroundings.envFor({ technologies: ["postgres"] })).rejects.toThrow("was made by PostgreSQL 9.6")
  await rm(join(folder, "postgres/cluster"), { recursive: true })
  expect(await surroundings.envFor({ technologies: ["postgres"] })).toHaveProperty("DATABASE_URL")
})

test("a folder in which no data can be kept is told of, with what to do", async () => {
  const folder = await projectWith({ taken: "" })
  const env = { OTEL_SDK_DISABLED: "true" }
  const surroundings = createSurroundings({ folder: join(folder, "taken"), env, onNotice: () => undefined })
  onTestFinished(() => surroundings.close())
  await expect(surroundings.envFor({ technologies: [] })).rejects.toMatchObject({
    message: `Data cannot be kept in ${join(folder, "taken")}: EEXIST: file already exists, mkdir '${join(folder, "taken")}'`,
    hint: "See to it that the folder is yours and has room, or choose another: --data <folder>",
    exitCode: 3,
  })
})

test.each([
  { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" },
  { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:9/v1/traces" },
  { OTEL_SDK_DISABLED: "True" },
])("where spans go elsewhere, or nowhere, no store is opened that would say there were none: %j", async (env) => {
  const folder = await projectWith({})
  const surroundings = createSurroundings({ folder, env, onNotice: () => undefined })
  onTestFinished(() => surroundings.close())
  expect(Object.keys(await surroundings.envFor({ technologies: [] }))).toEqual(["HANOK_SECRET"])
  expect([surroundings.telemetryUrl, existsSync(join(folder, "telemetry"))]).toEqual([undefined, false])
})

test("a variable without a value, which names no place to services either, keeps no store from being opened", async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: " ", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "" }
  const surroundings = createSurroundings({ folder: await projectWith({}), env, onNotice: () => undefined })
  onTestFinished(() => surroundings.close())
  expect(await surroundings.envFor({ technologies: [] })).toEqual({
    HANOK_SECRET: expect.any(String),
    OTEL_EXPORTER_OTLP_ENDPOINT: surroundings.telemetryUrl,
  })
  expect(surroundings.telemetryUrl).toMatch(/^http:/)
})
