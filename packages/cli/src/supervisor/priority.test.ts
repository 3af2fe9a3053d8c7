import { syncBuiltinESMExports } from "node:module"
import os from "node:os"
import { expect, onTestFinished, test } from "vitest"
import { becomeUsual } from "./priority.ts"

test("a process that may not change its priority, as in a unit that is kept from that system call, goes on as it is", () => {
  const { setPriority } = os
  onTestFinished(() => {
    os.setPriority = setPriority
    syncBuiltinESMExports()
  })
  let isAsked = false
  os.setPriority = () => {
    isAsked = true
    throw new Error("uv_os_setpriority returned EPERM (operation not permitted)")
  }
  syncBuiltinESMExports()
  becomeUsual()
  expect(isAsked).toBe(true)
})
