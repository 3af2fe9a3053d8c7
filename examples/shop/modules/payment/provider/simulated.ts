import { setTimeout as sleep } from "node:timers/promises"
import type { Adapter, Context } from "@hanok/contract"
import type { Ledger, LedgerEntry } from "./ledger.ts"
import type { Answer, Charge, PaymentProvider } from "./provider.ts"

/**
 * A provider that behaves as the token says:
 * `tok_ok` is approved, `tok_decline` declined, `tok_slow` approved after a while, `tok_timeout` approved without an
 * answer, `tok_lost` lost on the way. Anything else is declined. It keeps its record in a ledger that is its own:
 * on PostgreSQL in a schema that the payment module cannot see.
 */
export function simulatedProvider(ledger: Adapter<Ledger>): Adapter<PaymentProvider> {
  return {
    kind: "adapter",
    technology: "simulated payment provider",
    async create(host) {
      const { port, journal, ready, close } = await ledger.create({ ...host, module: `${host.module}-provider` })
      const parts = { ...(journal ? { journal } : {}), ...(ready ? { ready } : {}), ...(close ? { close } : {}) }
      return { port: createProvider(port), ...parts }
    },
  }
}

const slowMs = 300
const neverMs = 60_000
const highestCents: Readonly<Record<string, number>> = { card: 1_000_000_000, bankTransfer: 10_000_000_000, points: 10_000_000 }

function createProvider(ledger: Ledger): PaymentProvider {
  return {
    async authorise(charge, context, signal) {
      if (charge.token === "tok_lost") await sleep(neverMs, undefined, { signal, ref: false })
      const entry = await ledger.transaction(context, async (tx) => ({ ...(await tx.enter(entryOf(charge))) }))
      await sleep(delayMs(charge), undefined, { signal, ref: false })
      return answerOf(entry)
    },
    async findOut(reference, context) {
      const notIn = { ...nothing(reference), reason: "PROVIDER_UNREACHABLE" }
      return answerOf(await ledger.transaction(context, async (tx) => ({ ...(await tx.enter(notIn)) })))
    },
    capture: (reference, context) => move(ledger, reference, "HELD", "TAKEN", context),
    refund: (reference, context) => refund(ledger, reference, context),
  }
}

function entryOf(charge: Charge): LedgerEntry {
  const { reference, amountCents, method } = charge
  const reason = reasonToDecline(charge)
  return { reference, amountCents, method, state: reason === null ? "HELD" : "DECLINED", reason }
}

function reasonToDecline({ token, method, amountCents }: Charge): string | null {
  if (token === "tok_decline") return "INSUFFICIENT_FUNDS"
  if (!["tok_ok", "tok_slow", "tok_timeout"].includes(token)) return "UNKNOWN_TOKEN"
  return amountCents > (highestCents[method] ?? 0) ? "LIMIT_EXCEEDED" : null
}

function delayMs({ token }: Charge): number {
  if (token === "tok_timeout") return neverMs
  return token === "tok_slow" ? slowMs : 0
}

function answerOf({ state, reason }: LedgerEntry): Answer {
  if (state === "DECLINED" || state === "RETURNED") return { kind: "declined", reason: reason ?? "RETURNED" }
  return { kind: "approved" }
}

function move(ledger: Ledger, reference: string, from: LedgerEntry["state"], to: LedgerEntry["state"], context: Context) {
  return ledger.transaction(context, async (tx) => {
    const { state } = await tx.enter(nothing(reference))
    if (state === to) return
    if (state !== from) throw new Error(`The provider cannot move the charge ${reference} to ${to}: it is ${state}.`)
    await tx.setState(reference, to)
  })
}

function refund(ledger: Ledger, reference: string, context: Context) {
  return ledger.transaction(context, async (tx) => {
    const { state } = await tx.enter(nothing(reference))
    if (state === "HELD" || state === "TAKEN") await tx.setState(reference, "RETURNED")
  })
}

// Stands in the way of a charge that is still to come.
function nothing(reference: string): LedgerEntry {
  return { reference, amountCents: 0, method: "none", state: "RETURNED", reason: null }
}
