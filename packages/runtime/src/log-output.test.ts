import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
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

/** Writes 32 MB of lines, as they lie in memory, and says that it has. */
const talkative = `
import { standardOutput } from ${JSON.stringify(new URL("log-output.ts", import.meta.url).href)}
const line = Buffer.from("집".repeat(1_000) + "\\n")
const output = standardOutput()
for (let count = 0; count < 16_000; count++) output.write(line.toString())
process.stderr.write("written")
process.stdin.resume()
`

test("lines that have waited are written in a heap that has room for them once, and not twice", { timeout: 60_000 }, async () => {
  const flags = ["--max-old-space-size=50", "--max-semi-space-size=1", "--input-type=module", "--eval", talkative]
  const child = spawn(process.execPath, flags)
  onTestFinished(() => void child.kill("SIGKILL"))
  const ended = once(child, "exit")
  await once(child.stderr, "data")
  let sizeBytes = 0
  for await (const chunk of child.stdout) {
    sizeBytes += (chunk as Buffer).length
    if (sizeBytes === 48_016_000) child.stdin.end()
  }
  expect([sizeBytes, await ended]).toEqual([48_016_000, [0, null]])
})
