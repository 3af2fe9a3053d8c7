import type { Context } from "@hanok/contract"
import type { Answer, Charge, PaymentProvider } from "./provider.ts"

/** How long the provider is waited for. */
const patienceMs = 1_500

/**
 * Has the provider hold the money, and finds out what happened when it gives no answer. To ask and, if it knows nothing, to
 * stop the charge is one thing for it to do: between two, another try could hold the money.
 */
export async function chargeOnce(provider: PaymentProvider, charge: Charge, context: Context): Promise<Answer> {
  context.signal.throwIfAborted()
  const waiting = new AbortController()
  const stopWaiting = () => waiting.abort(context.signal.reason)
  const timer = setTimeout(stopWaiting, patienceMs)
  context.signal.addEventListener("abort", stopWaiting)
  try {
    return await provider.authorise(charge, context, waiting.signal)
  } catch (error) {
    if (!waiting.signal.aborted || context.signal.aborted) throw error
    context.log.warn("the payment provider gave no answer; asking what became of the charge", { reference: charge.reference })
    return await provider.findOut(charge.reference, context)
  } finally {
    clearTimeout(timer)
    context.signal.removeEventListener("abort", stopWaiting)
  }
}
