import { spawn } from "node:child_process"
import { Socket } from "node:net"

// What it reads from is held open by us and is closed by the system when we die. A number that is nobody's any more is forgotten at
// once, so that nobody else who gets it is killed. It runs in the background, and is no child of ours: those are services alone.
const watch = `
(
  while read -r now <&3; do pids=$now; done
  tries=0
  while [ $tries -lt 150 ]; do
    left=
    for pid in $pids; do kill -0 $pid && left="$left $pid"; done
    pids=$left
    [ -z "$pids" ] && exit
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -KILL $pids
) >/dev/null 2>&1 &
`

/**
 * Processes that end when this one has gone. They notice that themselves, unless they are in an endless loop or hang on their way
 * out: a shell, which takes next to nothing, waits for them for 15 seconds and then kills them.
 */
class Orphans {
  readonly #pids = new Set<number>()
  #watch: Socket | undefined

  add(pid: number): void {
    this.#pids.add(pid)
    this.#tell()
  }

  delete(pid: number): void {
    this.#pids.delete(pid)
    this.#tell()
  }

  #tell(): void {
    this.#watch ??= startWatch()
    this.#watch?.write(`${[...this.#pids].join(" ")}\n`)
  }
}

/** Of all supervisors of this process. */
export const orphans = new Orphans()

function startWatch(): Socket | undefined {
  // A session of its own: the Ctrl-C that asks us to end must not end it. Standard input would be closed with the shell in front.
  const child = spawn("/bin/sh", ["-c", watch], { stdio: ["ignore", "ignore", "ignore", "pipe"], detached: true, cwd: "/" })
  const pipe = child.stdio[3]
  // Where there is no such shell, processes end by themselves or not at all.
  for (const emitter of [child, pipe]) emitter?.on("error", () => undefined)
  // It keeps nothing alive.
  child.unref()
  return pipe instanceof Socket ? pipe.unref() : undefined
}
