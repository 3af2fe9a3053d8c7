import { setTimeout as sleep } from "node:timers/promises"

/** Ends the process with its exit code, whatever modules have left open. Standard output is flushed first, or its error told. */
export function leave(): void {
  if (process.connected) process.disconnect()
  process.stdout.write("", () => setImmediate(() => void end()))
}

/** How long what the system is asked at the end may take, in milliseconds. */
const longestMs = 1_000
const lookMs = 20
const questions: ReadonlySet<string> = new Set(["GetAddrInfoReqWrap", "GetNameInfoReqWrap", "FSReqCallback", "FSReqPromise"])

// Node's own end waits until the system has answered all that it was asked: where no name server answers, for most of a minute.
async function end(): Promise<void> {
  for (let leftMs = longestMs; leftMs > 0 && asksSystem(); leftMs -= lookMs) await sleep(lookMs)
  if (asksSystem()) process.once("exit", endAsAnother)
  process.exit()
}

function asksSystem(): boolean {
  return process.getActiveResourcesInfo().some((name) => questions.has(name))
}

/** As a program that takes the place of this one, and the exit code along, and has asked nobody anything. */
function endAsAnother(code: number): void {
  process.execve?.(process.execPath, [process.execPath, "--eval", `process.exit(${code})`], {})
}
