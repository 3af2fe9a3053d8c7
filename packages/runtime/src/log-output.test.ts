import { execFileSync } from "node:child_process"
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { LogOutput } from "./log-output.ts"

/** A pipe that nobody reads unless told to. */
function createPipe() {
  const folder = mkdtempSync(join(tmpdir(), "hanok-log-"))
  const path = join(folder, "pipe")
  execFileSync("mkfifo", [path])
  const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  onTestFinished(() => {
    closeSync(descriptor)
    rmSync(folder, { recursive: true })
  })
  const buffer = Buffer.alloc(1024 * 1024)
  let text = ""
  return {
    descriptor,
    /** All that has come out until now. */
    read() {
      try {
        text += buffer.toString("latin1", 0, readSync(descriptor, buffer))
      } catch {
        // Nothing is in it now.
      }
      return text
    },
  }
}

const line = (number: number, length: number) => `${String(number).padEnd(length - 1, ".")}\n`
const often = { interval: 1 }

test("lines wait for whoever reads them late, and come whole and in their order", async () => {
  const pipe = createPipe()
  const output = new LogOutput(pipe.descriptor)
  const lines = Array.from({ length: 2_000 }, (_, number) => line(number, 1_000))
  for (const each of lines) output.write(each)
  await expect.poll(() => pipe.read().length, often).toBe(2_000_000)
  expect(pipe.read()).toBe(lines.join(""))
  output.write("later\n")
  await expect.poll(() => pipe.read().endsWith("later\n"), often).toBe(true)
  expect(output.dropped).toBe(0)
})

test("of lines that nobody reads sixteen megabytes are kept; the others are dropped and counted, and it goes on when somebody reads", async () => {
  const pipe = createPipe()
  const output = new LogOutput(pipe.descriptor)
  for (let number = 0; number < 40; number++) output.write(line(number, 1024 * 1024))
  expect(output.dropped).toBe(24)
  await expect.poll(() => pipe.read().length, often).toBe(16 * 1024 * 1024)
  output.write("later\n")
  await expect.poll(() => pipe.read().endsWith("later\n"), often).toBe(true)
})

test("what ends a process does not wait for ever for whoever does not read its log, nor for a disk that is full", async () => {
  const pipe = createPipe()
  const full = openSync("/dev/full", "w")
  onTestFinished(() => closeSync(full))
  for (const descriptor of [pipe.descriptor, full]) {
    const output = new LogOutput(descriptor)
    output.write(line(1, 1024 * 1024))
    await new Promise((resolve) => setTimeout(resolve, 50))
    output.flushSync()
    output.write("later\n")
    expect(output.dropped).toBe(0)
  }
})
