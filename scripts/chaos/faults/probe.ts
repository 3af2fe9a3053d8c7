import { setTimeout as sleep } from "node:timers/promises"
import { admin } from "../business/desk.ts"
import type { Furnished } from "../business/furnish.ts"
import type { HttpClient } from "../business/http-client.ts"

/** Asks questions of which we know whom they go through. */
export interface Probe {
  /** Resolves to the milliseconds until a request through that service, made now or later, is answered well; `undefined` when none is in time. */
  recovery(service: string): Promise<number | undefined>
  /** Asks once; the code of what went wrong, `undefined` when nothing has. */
  once(service: string): Promise<string | undefined>
}

export interface ProbeOptions {
  readonly client: HttpClient
  readonly furnished: Furnished
  /** An order that was paid for. */
  readonly orderId: string
  readonly tokenOf: (subject: string) => Promise<string>
}

const pauseMs = 20
const timeoutMs = 1_000
const patienceMs = 30_000

export function createProbe(options: ProbeOptions): Probe {
  const ask = async (service: string) => {
    const { path, subject } = questionFor(service, options)
    const token = subject === undefined ? {} : { token: await options.tokenOf(subject) }
    const { status, code } = await options.client.send({ method: "GET", path, timeoutMs, ...token })
    return status === 200 ? undefined : (code ?? `HTTP_${status}`)
  }
  return {
    once: ask,
    async recovery(service) {
      const begun = performance.now()
      while (performance.now() - begun < patienceMs) {
        // A question that is not answered does not keep the next one from being asked.
        const answers = ask(service)
        const isWell = await Promise.race([answers.then((code) => code === undefined), sleep(overtakenMs, false)])
        if (isWell || (await settled(answers))) return performance.now() - begun
        await sleep(pauseMs)
      }
      return undefined
    },
  }
}

/** After this the next question is asked, and this one is forgotten. */
const overtakenMs = 250

async function settled(answer: Promise<string | undefined>): Promise<boolean> {
  return Promise.race([answer.then((code) => code === undefined), Promise.resolve(false)])
}

function questionFor(service: string, { furnished, orderId }: ProbeOptions): { readonly path: string; readonly subject?: string } {
  const [customer] = furnished.customers
  const [seller] = furnished.sellers
  const [ware] = furnished.wares
  const own = { subject: customer?.customerId ?? "" }
  // Of settlements, a month in which nothing was sold: the old core takes long over one in which there was much.
  const questions: Readonly<Record<string, { readonly path: string; readonly subject?: string }>> = {
    gateway: { path: `/items/${ware?.itemId}` },
    item: { path: `/items/${ware?.itemId}` },
    inventory: { path: `/stock?skus=${ware?.sku}` },
    customer: { path: "/me", ...own },
    partner: { path: `/partners/${seller?.partnerId}`, ...own },
    coupon: { path: "/me/coupons", ...own },
    order: { path: `/orders/${orderId}`, ...own },
    payment: { path: `/orders/${orderId}/payment`, ...own },
    gift: { path: `/orders/${orderId}/gifts`, ...own },
    delivery: { path: "/shipments?limit=1", subject: seller?.customerId ?? "" },
    notification: { path: "/me/messages?limit=1", ...own },
    settlement: { path: `/partners/${seller?.partnerId}/settlements/2020-01`, subject: admin },
  }
  const question = questions[service]
  if (!question) throw new Error(`It is not known what goes through the service ${service}.`)
  return question
}
