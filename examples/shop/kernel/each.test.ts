import { expect, test } from "vitest"
import { forEach } from "./each.ts"

test("the work for one that fails keeps nobody from the work for the others, and its failure is told", async () => {
  const [done, underWay] = [new Array<number>(), new Set<number>()]
  const work = async (item: number) => {
    expect(underWay.size).toBe(0)
    underWay.add(item)
    await new Promise(setImmediate)
    underWay.delete(item)
    if (item % 2 === 1) throw new Error(`${item} fails`)
    done.push(item)
  }
  await expect(forEach([1, 2, 3, 4], work)).rejects.toThrow("1 fails")
  expect(done).toEqual([2, 4])
  await forEach([6, 8], work)
  expect(done).toEqual([2, 4, 6, 8])
})
