import { randomUUID } from "node:crypto"

type CommandKind =
  | "receiveStock"
  | "collectCoupon"
  | "placeOrder"
  | "payOrder"
  | "cancelOrder"
  | "claimGift"
  | "prepareShipment"
  | "ship"
  | "completeDelivery"

/** Something that somebody wants done. */
export interface Wish {
  readonly kind: CommandKind
  /** Whose business it is. */
  readonly subject: string
  readonly path: string
  readonly body: unknown
  /** What it is about, where that is known before: an order, a stock-keeping unit. */
  readonly about: string
}

/** What the shop has said about a wish, once and for all. */
type Answer = { readonly kind: "acknowledged"; readonly body: unknown } | { readonly kind: "refused"; readonly code: string }

/** A wish that was sent, under a key of its own, and what is known of it. */
export interface Entry extends Wish {
  readonly key: string
  /** Undefined while nobody knows: no answer came, or none that says whether it was done. */
  readonly answer: Answer | undefined
}

/** Our own record of what was asked of the shop and what it has said to it. */
export interface Books {
  open(wish: Wish): Entry
  /** Notes a definite answer; a later one that says otherwise is kept as a contradiction. */
  note(entry: Entry, answer: Answer): void
  entries(): readonly Entry[]
  /** Wishes of which nobody knows what became of them. */
  unknown(): readonly Entry[]
  /** The same key, two different answers: in words. */
  contradictions(): readonly string[]
}

export function createBooks(newKey: () => string = randomUUID): Books {
  const entries: Entry[] = []
  const open = new Set<Entry>()
  const contradictions: string[] = []
  return {
    open(wish) {
      const entry: Entry = { ...wish, key: newKey(), answer: undefined }
      entries.push(entry)
      open.add(entry)
      return entry
    },
    note(entry, answer) {
      if (entry.answer === undefined) {
        open.delete(entry)
        Object.assign(entry, { answer })
      } else if (identityOf(entry.answer) !== identityOf(answer))
        contradictions.push(`${entry.kind} ${entry.key}: first ${identityOf(entry.answer)}, then ${identityOf(answer)}`)
    },
    entries: () => entries,
    unknown: () => [...open],
    contradictions: () => contradictions,
  }
}

const identifying = ["orderId", "couponId", "giftId", "shipmentId", "sku"] as const

/** What has to be the same in two answers to the same key. */
function identityOf(answer: Answer): string {
  if (answer.kind === "refused") return answer.code
  const { body } = answer
  if (typeof body !== "object" || body === null) return String(body)
  const fields = body as Readonly<Record<string, unknown>>
  return identifying.map((name) => fields[name]).find((value) => value !== undefined) as string
}
