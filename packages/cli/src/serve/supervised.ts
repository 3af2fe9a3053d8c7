import { flushCompileCache } from "node:module"
import type { Server } from "node:net"
import type { Topology } from "@hanok/contract"
import { contractBookOf, createAddressBook, preloadService } from "@hanok/runtime"
import type { RunningService } from "@hanok/runtime"
import { loadTopology } from "../config/load-topology.ts"
import type { FromService, ToService } from "../supervisor/message.ts"
import { outlineOf } from "../supervisor/outline.ts"
import { cannotBind } from "../supervisor/listening-socket.ts"
import { becomeUsual } from "../supervisor/priority.ts"
import { leave } from "../leave.ts"
import { consoleIntoLog } from "./console-into-log.ts"
import { reportLoad } from "./report-load.ts"
import { runSeed } from "./seed.ts"
import { failureOf, startNamed } from "./start-named.ts"
import { untilReady } from "./until-ready.ts"

/**
 * What runs in each process of a supervisor: reads the configuration named by the first argument at once, so that this is
 * done when the supervisor knows the rest, then does as it is told. It ends when the supervisor does.
 */
const book = createAddressBook()
const state: { service?: RunningService; gateway?: Server; seed?: unknown; topology?: Topology; begun?: boolean; stopping?: boolean } = {}
const graceMs = 10_000
/** What it does first takes several times as long as later, when its code has been compiled. */
const coldMs = 3_000

process.on("message", (message, socket) => void hear(message as ToService, socket).catch(fail))
process.once("SIGTERM", () => void stop(graceMs, 0))
// At a terminal Ctrl-C, and its closing, reach the whole family; the supervisor says when its children stop.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => undefined)
process.once("disconnect", () => void stop(graceMs, 0))
consoleIntoLog()
await load().catch(fail)

async function load(): Promise<void> {
  const { topology, seed } = await loadTopology(process.argv[2])
  state.topology = topology
  state.seed = seed
  tell({ kind: "loaded", outline: outlineOf(topology) })
  // While nobody needs it; whoever begins meanwhile waits for nothing of it that they would not load themselves.
  await preloadService()
  if (state.begun) return
  // Of all that a start takes, describing the contracts takes longest; alone, a service compares them with nobody's.
  if (topology.services.length > 1) void contractBookOf(topology).fingerprints
  // Node keeps compiled code when a process ends by itself. One that serves is killed sooner or later, and the next one would compile all anew.
  flushCompileCache()
}

async function hear(message: ToService, socket: unknown): Promise<void> {
  if (message.kind === "begin") return begin(message)
  if (message.kind === "addresses") return book.update(message.addresses)
  if (message.kind === "open") return open(message, socket)
  if (message.kind === "seed") return seed()
  await stop(message.graceMs, message.lingerMs)
}

async function begin({ service, env, reportsLoad }: Extract<ToService, { kind: "begin" }>): Promise<void> {
  const { topology } = state
  if (!topology || state.stopping) return
  state.begun = true
  process.title = `hanok ${service}`
  Object.assign(process.env, env)
  const running = await startNamed({
    topology,
    service,
    env: process.env,
    discovery: book,
    seamPort: 0,
    gatewayListen: (server) => (state.gateway = server),
  })
  state.service = running
  tell({ kind: "started", seam: running.seamAddress })
  await untilReady(running, { isOver: () => state.stopping === true, onWaiting: (waiting) => tell({ kind: "waiting", for: waiting }) })
  if (state.stopping) return
  serve()
  // How busy it was with its start is no load, for which others would be needed.
  if (reportsLoad) reportLoad(running, (load) => tell({ kind: "load", load }))
}

function serve(): void {
  setTimeout(becomeWarm, coldMs).unref()
  tell({ kind: "ready" })
}

function becomeWarm(): void {
  flushCompileCache()
  becomeUsual()
}

function open({ host, port }: Extract<ToService, { kind: "open" }>, socket: unknown): void {
  const { gateway } = state
  // What comes with the message is a bound handle, one of the things that `listen` takes. It comes twice.
  const handle = socket as { close(): void } | undefined
  if (!handle || !gateway || state.stopping) return handle?.close()
  // Once: one that has stopped listening, because its process leaves, must not begin again.
  delete state.gateway
  // Another program may listen on a port that was bound, as long as nobody does.
  gateway.once("error", ({ code = "" }: NodeJS.ErrnoException) => fail(cannotBind(host, port, code)))
  gateway.listen(handle, () => tell({ kind: "opened" }))
}

async function seed(): Promise<void> {
  const { service, topology } = state
  if (!service || !topology) return
  try {
    // Telling may fail, too: what the seed returns need not be fit for a message.
    tell({ kind: "seeded", result: await runSeed(state.seed, service, topology) })
  } catch (error) {
    tell({ kind: "not seeded", message: `The seed failed: ${String(error)}` })
  }
}

async function stop(within: number, lingerMs: number): Promise<void> {
  state.stopping = true
  await state.service?.close({ graceMs: within, lingerMs })
  leave()
}

function fail(error: unknown): void {
  const { message, hint, exitCode } = failureOf(error)
  process.exitCode = exitCode
  tell({ kind: "failed", message, hint, exitCode }, leave)
}

function tell(message: FromService, done: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, {}, () => done())
  else done()
}
