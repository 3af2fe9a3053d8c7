import { lookup } from "node:dns/promises"
import { isIP } from "node:net"
import { CliError } from "../cli-error.ts"
import { portOf } from "../port-of.ts"
import { createAutoscaler } from "./autoscaler.ts"
import type { ScaledService } from "./autoscaler.ts"
import type { ScalingSettings } from "./desired-replicas.ts"
import type { ReplicaNews } from "./family.ts"
import { Generation } from "./generation.ts"
import { bindSocket, noAddress } from "./listening-socket.ts"
import type { ListeningSocket } from "./listening-socket.ts"
import type { Outline } from "./outline.ts"

export interface SupervisorOptions {
  /** The configuration's path. */
  readonly config: string
  /** That of the processes. `HANOK_GATEWAY_PORT` and `HANOK_LISTEN_HOST` say where the outside comes in. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** What comes on top of it for a topology, for example where its database is. Called for each version. */
  envFor(outline: Outline): Promise<Readonly<Record<string, string>>>
  /** How services with a least and a greatest number of replicas are scaled between them. */
  readonly scaling: Omit<ScalingSettings, "min" | "max">
  /** One line of a replica's output; `replica` is its service, with a number when there may be several. */
  onLine(replica: string, line: string): void
  onNews(news: ReplicaNews): void
}

/** Keeps the processes of a topology running. */
export interface Supervisor {
  /**
   * Starts everything. Resolves when every replica serves, of this version or of one that has taken its place meanwhile; rejects
   * with a `CliError` when one cannot start.
   */
  start(): Promise<void>
  /**
   * Starts the configuration as it is now beside what runs, moves the outside over when all of it serves, and lets the old
   * processes finish what they have. Rejects with a `CliError` when the new version cannot start: then the old one goes on.
   * A newer call takes the place of one that is not through, which then resolves to `false`. What runs need not have come up yet.
   */
  reload(reason: string): Promise<boolean>
  readonly gatewayUrl: string | undefined
  /** Of all replicas of the version that serves. */
  readonly pids: readonly number[]
  /**
   * Runs the configuration's `seed` and gives back what it returns: that of the newer version when one takes its place meanwhile.
   * Rejects with a `CliError` when it fails, or its process ends.
   */
  seed(): Promise<unknown>
  /** Lets what is under way end, and ends every process. */
  close(): Promise<void>
  /** Ends every process at once. */
  kill(): void
}

/** For the last of what is under way. */
const closeGraceMs = 5_000

export function createSupervisor(options: SupervisorOptions): Supervisor {
  return new Versions(options)
}

class Versions implements Supervisor {
  readonly #options: SupervisorOptions
  /** Of them the last may not serve yet, and the others may be on their way out. */
  readonly #all = new Set<Generation>()
  #current: Generation | undefined
  #pending: Generation | undefined
  #replacing: Promise<boolean> | undefined
  #closed = false
  readonly #autoscaler: { close(): void }

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#autoscaler = createAutoscaler({
      settings: options.scaling,
      services: () => this.#scaled(),
      scale: (service, count, reason) => this.#current?.scale(service, count, reason),
    })
  }

  get gatewayUrl(): string | undefined {
    return this.#current?.socket?.url
  }

  get pids(): readonly number[] {
    return this.#current?.pids ?? []
  }

  async start(): Promise<void> {
    const generation = this.#generation("start", false)
    this.#current = generation
    try {
      await this.#run(generation)
    } catch (error) {
      // Not one that finishes what it has, because the next one serves already.
      if (generation === this.#current && this.#replacing) generation.kill()
      const newest = (await this.#replaced()) ?? error
      if (generation === this.#current || this.#closed) throw newest
    }
  }

  async reload(reason: string): Promise<boolean> {
    const replacing = this.#replace(reason)
    this.#replacing = replacing
    try {
      return await replacing
    } catch (error) {
      // Nothing goes on: whoever waits for the start is told.
      if (this.#current?.isOver) return false
      throw error
    } finally {
      if (this.#replacing === replacing) this.#replacing = undefined
    }
  }

  // A version that cannot start may have been read in the middle of a change, of which the next one has all. Gives back why that
  // one does not start.
  async #replaced(): Promise<unknown> {
    let trouble: unknown
    while (this.#replacing)
      trouble = await this.#replacing.then(
        () => undefined,
        (error: unknown) => error,
      )
    return trouble
  }

  async #replace(reason: string): Promise<boolean> {
    this.#pending?.kill()
    const next = this.#generation(reason, true)
    this.#pending = next
    try {
      await this.#run(next)
    } catch (error) {
      next.kill()
      this.#forget(next)
      if (this.#pending !== next || this.#closed) return false
      this.#pending = undefined
      throw error
    }
    if (this.#pending !== next) return false
    // Before the outside comes in: a version that has connections is not cut off by the next one, but lets them finish.
    const previous = this.#current
    this.#current = next
    this.#pending = undefined
    try {
      await next.goLive()
    } catch (error) {
      // One that was replaced or stopped meanwhile is no trouble; the next one knows of no other before it.
      if (this.#current === next && !this.#closed) {
        this.#current = previous
        next.kill()
        this.#forget(next)
        throw error
      }
    }
    if (previous) void this.#retire(previous, reason)
    return this.#current === next && !this.#closed
  }

  async seed(): Promise<unknown> {
    const seeded = this.#current
    try {
      return await seeded?.seed()
    } catch (error) {
      if (seeded === this.#current) throw error
      return this.seed()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#autoscaler.close()
    this.#pending?.kill()
    await Promise.all([...this.#all].map((generation) => generation.close({ graceMs: closeGraceMs, lingerMs: 0 }, "stopping")))
    for (const generation of this.#all) this.#forget(generation)
  }

  kill(): void {
    this.#closed = true
    for (const generation of this.#all) generation.kill()
  }

  #generation(reason: string, replaces: boolean): Generation {
    if (this.#closed) throw new CliError("The supervisor has been closed.", "", 3)
    const { config, env, onLine, onNews } = this.#options
    const generation = new Generation({ config, env, replaces, reason, onLine, onNews })
    this.#all.add(generation)
    return generation
  }

  async #run(generation: Generation): Promise<void> {
    const outline = await generation.outline
    const env = await this.#options.envFor(outline)
    const host = await listenAddressOf(this.#options.env)
    // Opening a database takes long: whoever has closed or replaced this version meanwhile knew none of the processes that come now.
    if (generation.isOver) throw new CliError("This version was given up before it started.", "", 3)
    const socket = this.#socketFor(outline, host)
    await generation.start({ env, socket, countOf: (service) => this.#current?.replicasOf(service).length })
  }

  async #retire(generation: Generation, reason: string): Promise<void> {
    await generation.retire(reason)
    this.#forget(generation)
  }

  #forget(generation: Generation): void {
    this.#all.delete(generation)
    const isShared = [...this.#all].some(({ socket }) => socket === generation.socket)
    if (!isShared) generation.socket?.close()
  }

  // Not while a new version starts: that one takes over the numbers as they are. As long as it reads its configuration it has none.
  #scaled(): readonly ScaledService[] {
    const current = this.#pending?.hasBegun ? undefined : this.#current
    return (current?.services ?? []).map(({ name, replicas }) => {
      return { name, replicas, loads: (current?.replicasOf(name) ?? []).map(({ load }) => load) }
    })
  }

  // The socket outlives versions, so that the port is never closed, unless a new version wants another.
  #socketFor({ gateway }: Outline, host: string): ListeningSocket {
    const port = portOf("HANOK_GATEWAY_PORT", this.#options.env["HANOK_GATEWAY_PORT"]) ?? gateway.port
    // Of one that finishes what it has, too: as long as it does, the port is taken by this very process.
    const known = [...this.#all].map(({ socket }) => socket).find((socket) => socket?.host === host && socket.wishedPort === port)
    return known ?? bindSocket(host, port)
  }
}

// A socket is bound to an address; `localhost` and the like are names of one.
async function listenAddressOf(env: SupervisorOptions["env"]): Promise<string> {
  const host = env["HANOK_LISTEN_HOST"] || "127.0.0.1"
  if (isIP(host) > 0) return host
  try {
    return (await lookup(host)).address
  } catch {
    throw noAddress(host)
  }
}
