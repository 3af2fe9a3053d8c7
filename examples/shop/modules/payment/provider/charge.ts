import type { Context } from "@hanok/contract"
import type { Answer, Charge, PaymentProvider } from "./provider.ts"

/** How long the provider is waited for. */
const patienceMs = 1_500

/**
 * Has the provider hold the money, and finds out what happened when it gives no answer: it is asked what it knows of
 * the charge; if it knows nothing, the charge is stopped and counts as declined.
 */
export async function chargeOnce(provider: PaymentProvider, charge: Charge, context: Context): Promise<Answer> {
  const patience = AbortSignal.timeout(patienceMs)
  try {
    return await provider.authorise(charge, context, AbortSignal.any([patience, context.signal]))
  } catch (error) {
    if (!patience.aborted || context.signal.aborted) throw error
    context.log.warn("the payment provider gave no answer; asking what became of the charge", { reference: charge.reference })
    return (await provider.lookUp(charge.reference, context)) ?? stop(provider, charge, context)
  }
}

async function stop(provider: PaymentProvider, { reference }: Charge, context: Context): Promise<Answer> {
  await provider.refund(reference, context)
  return { kind: "declined", reason: "PROVIDER_UNREACHABLE" }
}
