import { createRequire } from "node:module"
import { ForkedProcess } from "./forked-process.ts"
import type { FromService, ToService } from "./message.ts"

const file = createRequire(import.meta.url).resolve("#supervised")

/** A process that reads the configuration at once, and runs a service when it is told to. */
export class ServiceProcess extends ForkedProcess<FromService, ToService> {
  #isLoaded = false

  constructor(config: string, env: Readonly<Record<string, string | undefined>>) {
    super(file, [config], { ...env, HANOK_SUPERVISED: "1" })
  }

  /** Whether it has read the configuration. */
  get isLoaded(): boolean {
    return this.#isLoaded
  }

  /** Lets it finish what it has for `graceMs`, then kills it. Idle connections from outside are kept for `lingerMs`. */
  stop({ graceMs, lingerMs = 0 }: { readonly graceMs: number; readonly lingerMs?: number }): Promise<void> {
    return this.end({ kind: "stop", graceMs, lingerMs }, graceMs)
  }

  protected override heard(message: FromService): void {
    if (message.kind === "loaded") this.#isLoaded = true
    super.heard(message)
  }
}
