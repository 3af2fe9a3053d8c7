import { isFault } from "@hanok/contract"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { customerContract, parcelContract } from "../fixture/parcel.ts"
import type { Stage } from "../stage/stage.ts"
import { seamMatrix } from "./seam-matrix.ts"

const matrix = seamMatrix({ topology: new URL("../fixture/parcel-topology.ts", import.meta.url) })
const identity = { subject: "c1", roles: ["customer"] }

describe.each(matrix)("parcels, $name", ({ name, open }) => {
  let stage: Stage
  beforeAll(async () => void (stage = await open()))
  afterAll(() => stage.close())

  test("a module calls another, keeps what it has done, and tells of it", async () => {
    const parcel = stage.client(parcelContract)
    const sent = await stage.scenario(() => parcel.send({ weightG: 500 }, { identity })).event(parcelContract, "sent")
    expect(await parcel.parcelsOf({ customerId: "c1" })).toEqual([{ parcelId: sent.parcelId, weightG: 500 }])
  })

  test("a fault tells its cause from the log of the module that failed", async () => {
    const error: unknown = await stage
      .client(parcelContract)
      .send({ weightG: 1 }, { identity: { ...identity, subject: "nobody" } })
      .catch((caught: unknown) => caught)
    expect(isFault(error, "INTERNAL") && String(error.cause)).toContain("CUSTOMER_UNKNOWN")
  })

  test("each module has an address of its own unless all are in one service", () => {
    expect(Object.keys(stage.addresses).toSorted()).toEqual(name === "inline" ? ["main"] : ["customer", "parcel", "test"])
  })

  test("a module can be lost where it lives apart from the test", async () => {
    const lost = await stage.lose("customer").then(
      () => true,
      () => false,
    )
    expect(lost).toBe(name !== "inline")
    const error: unknown = await stage
      .client(customerContract)
      .addressOf({ customerId: "c1" })
      .catch((caught: unknown) => caught)
    expect(isFault(error, "UNAVAILABLE")).toBe(name !== "inline")
  })
})

const undescribed = seamMatrix({ topology: new URL("../fixture/undescribed-topology.ts", import.meta.url) })

test.each(undescribed)("a topology that is wired wrong is not opened, and its fault is told: $name", async ({ open }) => {
  await expect(open()).rejects.toThrow("clock.now")
})
