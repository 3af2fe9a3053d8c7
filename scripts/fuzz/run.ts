import { setTimeout as sleep } from "node:timers/promises"
import type { ServiceMetrics } from "@hanok/runtime"
import { createRandom } from "../../examples/shop/load/random.ts"
import type { Random } from "../../examples/shop/load/random.ts"
import type { Attack, Sent } from "./attack/attack.ts"
import { createGatewayAttack } from "./attack/gateway.ts"
import { createRawAttack } from "./attack/raw.ts"
import { createRpcAttack } from "./attack/rpc.ts"
import { createWireAttack } from "./attack/wire.ts"
import { furnish } from "./furnish.ts"
import type { Furniture } from "./furnish.ts"
import { targets } from "./input/operations.ts"
import { serviceCredentials, userCredentials } from "./input/tokens.ts"
import { judge } from "./judge.ts"
import type { Verdict } from "./judge.ts"
import type { FuzzOptions } from "./options.ts"
import { reportOf } from "./report.ts"
import type { FuzzReport, Trouble } from "./report.ts"
import type { Memory } from "./server/message.ts"
import { startTarget } from "./server/target.ts"
import type { Target } from "./server/target.ts"

export interface FuzzWatch {
  readonly signal: AbortSignal
  readonly onProgress: (line: string) => void
}

const atOnce = 48
const progressMs = 2_000
const mostTroubles = 50
/** Of all inputs, the part after which everything that is made once has been made. */
const warmShare = 0.2

/** Starts a shop, sends it all inputs, and finds out whether it has withstood them. */
export async function runFuzz(options: FuzzOptions, { signal, onProgress }: FuzzWatch): Promise<FuzzReport> {
  onProgress("starting the shop")
  const target = await startTarget()
  try {
    const attacks = await attacksOn(target, await furnish(target))
    const run = new Run(options, attacks)
    const showing = setInterval(() => onProgress(run.progress()), progressMs)
    const isOver = () => signal.aborted || target.crashed() !== undefined
    try {
      const from = options.only ?? 0
      const to = options.only === undefined ? options.inputs : options.only + 1
      const warm = from + Math.ceil((to - from) * warmShare)
      await run.send(from, warm, isOver)
      const before = await calm(target)
      const keptBefore = run.kept
      await run.send(warm, to, isOver)
      const after = await calm(target)
      return reportOf({
        options,
        ...run,
        kept: run.kept - keptBefore,
        before,
        after,
        callsLeft: await callsLeft(target),
        crashed: target.crashed(),
        lastWords: target.lastWords(),
      })
    } finally {
      clearInterval(showing)
      for (const attack of attacks) attack.close()
    }
  } finally {
    await target.close()
  }
}

async function attacksOn({ gatewayUrl, seamPort, secret }: Target, { subject, texts }: Furniture): Promise<readonly Attack[]> {
  const port = Number(new URL(gatewayUrl).port)
  const maker = { secret, subject, contracts: [...new Set(targets.map(({ contract }) => contract))] }
  const services = await serviceCredentials(maker)
  return [
    createGatewayAttack({ port, credentials: await userCredentials(maker), knownTexts: texts }),
    createRawAttack("gateway, raw", port, 0.06),
    createRpcAttack({ port: seamPort, credentials: services, knownTexts: texts }),
    createRawAttack("seam, raw", seamPort, 0.04),
    createWireAttack({ port: seamPort, credentials: services, knownTexts: texts }),
  ]
}

// What was just under way is still held for a moment.
async function calm(target: Target): Promise<Memory | undefined> {
  if (target.crashed() !== undefined) return undefined
  await sleep(500)
  return target.memory().catch(() => undefined)
}

/** Calls at the gates when nobody asks for anything any more; those that are under way get some time to end. */
async function callsLeft(target: Target): Promise<number | undefined> {
  for (let tries = 0; ; tries++) {
    const left = await callsAt(target).catch(() => undefined)
    if (left === undefined || left === 0 || tries === 30) return left
    await sleep(500)
  }
}

async function callsAt({ seamPort }: Target): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${seamPort}/health/load`, { signal: AbortSignal.timeout(5_000) })
  // What the service says of itself.
  const { gates } = (await answer.json()) as ServiceMetrics
  return gates.reduce((sum, { inFlight, queued }) => sum + inFlight + queued, 0)
}

class Run {
  sent = 0
  kept = 0
  readonly begun = performance.now()
  readonly verdicts = new Map<Verdict, number>()
  readonly answers = new Map<string, number>()
  readonly troubles: Trouble[] = []
  readonly #random: Random
  readonly #attacks: readonly Attack[]
  readonly #shares: Readonly<Record<string, number>>

  constructor({ seed }: FuzzOptions, attacks: readonly Attack[]) {
    this.#random = createRandom(seed)
    this.#attacks = attacks
    this.#shares = Object.fromEntries(attacks.map(({ share }, index) => [String(index), share]))
  }

  async send(from: number, to: number, isOver: () => boolean): Promise<void> {
    let next = from
    const lane = async () => {
      while (next < to && !isOver()) await this.#sendOne(next++)
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, to - from) }, lane))
  }

  progress(): string {
    const seconds = (performance.now() - this.begun) / 1_000
    return `${this.sent} inputs, ${(this.sent / seconds).toFixed(0)}/s, ${this.troubles.length} troubles`
  }

  async #sendOne(number: number): Promise<void> {
    const random = this.#random.fork(number)
    const attack = this.#attacks[Number(random.weighted(this.#shares))]
    if (!attack) throw new Error("There is no attack.")
    const sent = await attack.send(random)
    const verdict = sent.hangs === true ? "hangs" : judge(sent.reaction, sent)
    this.sent += 1
    if (sent.isKept === true) this.kept += 1
    count(this.verdicts, verdict)
    count(this.answers, `${attack.name} ${sent.reaction.status}`)
    if (verdict !== "fine" && verdict !== "shed" && this.troubles.length < mostTroubles)
      this.troubles.push(troubleOf(number, attack, verdict, sent))
  }
}

function troubleOf(number: number, attack: Attack, verdict: Verdict, { reaction, description }: Sent): Trouble {
  return {
    number,
    attack: attack.name,
    verdict,
    status: reaction.status,
    answer: reaction.body.slice(0, 300),
    sent: description.slice(0, 700),
  }
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
