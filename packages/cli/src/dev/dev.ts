import { rm } from "node:fs/promises"
import { adviceOf } from "../cli-error.ts"
import { dataFolderOf, findConfiguration } from "../config/find-configuration.ts"
import { portOf } from "../port-of.ts"
import { report } from "../report.ts"
import { createSupervisor } from "../supervisor/supervisor.ts"
import type { Supervisor } from "../supervisor/supervisor.ts"
import type { ReplicaNews } from "../supervisor/family.ts"
import { announce, factsFile, newsLine, writeFacts } from "./announce.ts"
import type { DevFacts } from "./announce.ts"
import { makeDataFolder } from "./make-data-folder.ts"
import { checkNobodyElse } from "./only-one.ts"
import { createOutput } from "./output.ts"
import type { Output } from "./output.ts"
import { scalingOf } from "./scaling.ts"
import { sourceFoldersOf } from "./source-folders.ts"
import { listenForStop } from "./stop-signal.ts"
import { createSurroundings } from "./surroundings.ts"
import type { Surroundings } from "./surroundings.ts"
import { watchSources } from "./watch.ts"

export interface DevOptions {
  readonly config: string | undefined
  /** Where data lives; `.hanok` beside the configuration when not given. */
  readonly data: string | undefined
  readonly port: string | undefined
  readonly watch: boolean
  readonly seed: boolean
  /** Prints JSON: one object when all is up, then one for each change of a replica. Logs go to standard error. */
  readonly json: boolean
}

const noticeAfterMs = 1_000

/** Runs a whole topology on this machine until Ctrl-C. A second Ctrl-C ends it at once. */
export async function dev(options: DevOptions): Promise<void> {
  // Behind this it is known by a variable that nobody has set.
  portOf("--port", options.port)
  const place = placeOf(options)
  await checkNobodyElse(place.folder)
  makeDataFolder(place.folder)
  const household = new Household(options, place)
  const stop = listenForStop(() => household.force())
  process.on("SIGHUP", () => void household.reload("asked to by SIGHUP"))
  try {
    // Ctrl-C ends it in the middle of a start, too.
    await Promise.race([household.open(), stop.asked])
    await stop.asked
  } catch (error) {
    // Now, for closing may take a few seconds, and a Ctrl-C cuts it short.
    process.exitCode = report(error)
    stop.takeAsAsked()
  } finally {
    await household.close()
  }
}

interface Place {
  readonly config: string
  /** Where data lives. */
  readonly folder: string
}

function placeOf(options: DevOptions): Place {
  return { config: findConfiguration(options.config), folder: dataFolderOf(options) }
}

class Household {
  readonly #options: DevOptions
  readonly #begunAt = performance.now()
  readonly #folder: string
  readonly #config: string
  readonly #output: Output
  readonly #surroundings: Surroundings
  readonly #supervisor: Supervisor
  #stopWatching: () => void = () => undefined
  #isUp = false
  #seeding: Promise<unknown> | undefined
  #closing = false

  constructor(options: DevOptions, { config, folder }: Place) {
    this.#options = options
    this.#config = config
    this.#folder = folder
    const output = createOutput(options.json ? process.stderr : process.stdout, isColoured(options))
    const env = envOf(options)
    const surroundings = createSurroundings({ folder: this.#folder, env, onNotice: (message) => this.#notice(message) })
    this.#output = output
    this.#surroundings = surroundings
    this.#supervisor = createSupervisor({
      config: this.#config,
      env,
      scaling: scalingOf(env),
      envFor: (outline) => surroundings.envFor(outline),
      onLine: (replica, line) => output.line(replica, line),
      onNews: (news) => this.#hear(news),
    })
  }

  async open(): Promise<void> {
    // From the start on, for what changes while it starts may or may not be in what has started.
    if (this.#options.watch) this.#watch()
    await this.#supervisor.start()
    const accounts = await this.#seed()
    if (this.#closing) return
    this.#isUp = true
    const facts = this.#writeFacts()
    if (this.#options.json) process.stdout.write(`${JSON.stringify(facts)}\n`)
    else announce(this.#output, facts, accounts, performance.now() - this.#begunAt)
  }

  #watch(): void {
    this.#stopWatching = watchSources({
      folders: sourceFoldersOf(this.#config),
      data: this.#folder,
      onChange: (file) => void this.reload(`${file} has changed`),
      onTrouble: (message) => this.#notice(message),
    })
  }

  // A mistake on the way to a change must not end the session: what runs goes on, and the next save tries again. What has not come
  // up yet may never do so without the change.
  async reload(reason: string): Promise<void> {
    if (this.#closing) return
    this.#notice(reason)
    try {
      if (!(await this.#supervisor.reload(reason))) return
    } catch (error) {
      return this.#trouble(`The new version does not start; the one before goes on${this.#isUp ? " serving" : ""}.`, error)
    }
    this.#notice("reloaded")
    // Whoever waits for all to be up tells of this version.
    if (!this.#isUp) return
    this.#writeFacts()
    const trouble = (error: unknown) => this.#trouble("The new version serves, but its seed did not end well.", error)
    // A seed that is under way is followed by that of this version.
    if (!this.#seeding) await this.#seed().catch(trouble)
  }

  #seed(): Promise<unknown> {
    this.#seeding = (this.#options.seed ? this.#supervisor.seed() : Promise.resolve()).finally(() => (this.#seeding = undefined))
    return this.#seeding
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#stopWatching()
    const notice = setTimeout(
      () => this.#notice("what is under way gets a few seconds to finish; Ctrl-C again ends it at once"),
      noticeAfterMs,
    )
    await this.#supervisor.close()
    await this.#surroundings.close()
    clearTimeout(notice)
    // Another one's stay: it may have come up while this one tried to.
    if (this.#isUp) await rm(factsFile(this.#folder), { force: true })
  }

  /** What is under way is lost, but no process stays: the database's own watch ends it when this one has gone. */
  force(): void {
    this.#supervisor.kill()
    process.exit(130)
  }

  #hear(news: ReplicaNews): void {
    if (this.#closing) return
    const line = newsLine(news)
    if (line !== undefined) this.#notice(line)
    if (!this.#isUp) return
    if (this.#options.json) process.stdout.write(`${JSON.stringify({ event: "replica", ...news })}\n`)
    if (news.change === "ready" || news.change === "ended") this.#writeFacts()
  }

  #notice(message: string): void {
    this.#output.notice(message)
  }

  #trouble(what: string, error: unknown): void {
    if (this.#closing) return
    this.#notice(`${what}\n  ${adviceOf(error)}`)
  }

  // Other commands find this one by them; what runs goes on without.
  #writeFacts(): DevFacts {
    const { gatewayUrl, pids } = this.#supervisor
    const facts = { gatewayUrl, telemetryUrl: this.#surroundings.telemetryUrl, pid: process.pid, processes: pids.length, pids }
    try {
      writeFacts(this.#folder, facts)
    } catch (error) {
      this.#trouble("Other commands do not find what runs here: its facts cannot be written.", error)
    }
    return facts
  }
}

function envOf({ port }: DevOptions): Readonly<Record<string, string | undefined>> {
  return port === undefined ? process.env : { ...process.env, HANOK_GATEWAY_PORT: port }
}

function isColoured({ json }: DevOptions): boolean {
  return !json && process.stdout.isTTY === true && !process.env["NO_COLOR"] && process.stdout.hasColors()
}
