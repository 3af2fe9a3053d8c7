import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import type { EmbeddedPostgres } from "@hanok/postgres/embedded"
import { afterAll, beforeAll, expect, test } from "vitest"
import { startLegacy } from "./start-legacy.ts"
import type { RunningLegacy } from "./start-legacy.ts"

let folder: string
let server: EmbeddedPostgres
let core: RunningLegacy

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hanok-legacy-"))
  server = await createEmbeddedPostgres({ folder: join(folder, "data"), durability: "off" })
  core = await startLegacy({ databaseUrl: server.url })
})
afterAll(async () => {
  await core.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function get(path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(core.url + path)
  return { status: response.status, text: await response.text() }
}

async function post(path: string, fields: Record<string, string>, type: "form" | "json" = "form"): Promise<unknown> {
  const headers = type === "json" ? { "content-type": "application/json" } : {}
  const body = type === "json" ? JSON.stringify(fields) : new URLSearchParams(fields)
  return (await fetch(core.url + path, { method: "POST", headers, body })).json()
}

async function settle(pid: string, ym: string): Promise<unknown> {
  return JSON.parse((await get(`/settle/partner.do?pid=${pid}&ym=${ym}`)).text)
}

test("the old core answers to ping, and to nothing it does not know", async () => {
  expect(await get("/ping")).toEqual({ status: 200, text: "pong" })
  expect((await get("/settle")).status).toBe(404)
  expect((await get("/settle/addSale.do")).status).toBe(405)
})

test("form and JSON say the same, and each month is its own", async () => {
  const sale = { ordNo: "o1", Partner_ID: "P1", saleDt: "20261130235959", dtl: "cup:2:10.50|bowl:1:3" }
  expect(await post("/settle/addSale.do", sale)).toMatchObject({ result: "0000" })
  expect(await post("/settle/addSale.do", { ...sale, ordNo: "o2", saleDt: "20261201000000" }, "json")).toMatchObject({ result: "0000" })
  const sums = { saleCnt: "1", totAmt: "24.00", feeAmt: 2.88, netAmt: "21.12" }
  expect(await settle("P1", "2026-11")).toMatchObject({ result: "0000", data: sums })
  expect(await settle("P1", "202612")).toMatchObject({ data: sums })
})

test("the fee is cut for grade A, rounded for others, and never less than 0.10 for a sale", async () => {
  for (const [pid, gradeCd] of [
    ["A1", "A"],
    ["B1", "B"],
  ] as const) {
    expect(await post("/partner/grade.do", { Partner_ID: pid, gradeCd })).toMatchObject({ result: "0000" })
    await post("/settle/addSale.do", { ordNo: `${pid}-1`, Partner_ID: pid, saleDt: "20261101000000", dtl: "cup:1:10.99" })
    await post("/settle/addSale.do", { ordNo: `${pid}-2`, Partner_ID: pid, saleDt: "20261101000000", dtl: "cup:1:0.50" })
  }
  expect(await settle("A1", "2026-11")).toMatchObject({ data: { feeAmt: 0.86 } })
  expect(await settle("B1", "2026-11")).toMatchObject({ data: { feeAmt: 1.14 } })
})

test("a cancelled sale counts no more, and cancelling again changes nothing", async () => {
  await post("/settle/addSale.do", { ordNo: "c1", Partner_ID: "P2", saleDt: "20261101000000", dtl: "cup:1:5" })
  expect(await post("/settle/cancelSale.do", { ordNo: "c1" })).toMatchObject({ result: "0000", data: { cnt: 1 } })
  expect(await post("/settle/cancelSale.do", { ordNo: "c1" })).toMatchObject({ result: "0000", data: { cnt: 0 } })
  expect(await post("/settle/cancelSale.do", { ordNo: "never" })).toMatchObject({ result: "0004" })
  expect(await settle("P2", "2026-11")).toMatchObject({ data: { saleCnt: "0" } })
})

test("wrong parameters get a result of their own, with status 200", async () => {
  expect(await post("/settle/addSale.do", { ordNo: "w1", Partner_ID: "P3", dtl: "cup" })).toMatchObject({ result: "1001" })
  expect(await settle("P1", "2026-13")).toMatchObject({ result: "1001" })
  expect(await settle("nobody", "2026-11")).toMatchObject({ result: "0004" })
})

test("a second core on the same database sees the same sales, and ends when it is told to", async () => {
  const [second, third] = await Promise.all([startLegacy({ databaseUrl: server.url }), startLegacy({ databaseUrl: server.url })])
  await Promise.all([second.close(), third.close()])
  expect(() => process.kill(second.pid, 0)).toThrow(/ESRCH/)
})

test("a core that does not come up says why", async () => {
  const port = Number(new URL(core.url).port)
  await expect(startLegacy({ databaseUrl: server.url, port })).rejects.toThrow(/cannot listen.*EADDRINUSE/)
})
