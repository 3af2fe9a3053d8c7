import { setTimeout as sleep } from "node:timers/promises"
import { signUserToken } from "@hanok/runtime"
import type { Random } from "../../../examples/shop/load/random.ts"
import type { Books, Entry, Wish } from "./books.ts"
import type { HttpAnswer, HttpClient } from "./http-client.ts"
import { isDefinite } from "./meter.ts"
import type { Meter } from "./meter.ts"

/** Where business with the shop is done: everything that is asked for goes into the books. */
export interface Desk {
  readonly books: Books
  /** Asks under a key of its own, again a few times when nobody knows what became of it. The entry is the one in the books. */
  command(wish: Wish): Promise<Entry>
  /** Sends the same once more under the same key; whether an answer came that settles it. */
  repeat(entry: Entry): Promise<boolean>
  query(operation: string, path: string, subject?: string, patienceMs?: number): Promise<HttpAnswer>
  /** How often something is asked again before it is left for later. */
  tries: number
}

export interface DeskOptions {
  readonly client: HttpClient
  readonly books: Books
  readonly meter: Meter
  readonly secret: string
  readonly random: Random
}

const timeoutMs = 5_000
const firstPauseMs = 150
/** So many commands are sent twice at once, as an impatient customer does. */
const twiceShare = 0.06

export function createDesk({ client, books, meter, secret, random }: DeskOptions): Desk {
  const tokenOf = createTokens(secret)
  const send = async (entry: Entry): Promise<boolean> => {
    const { kind, path, body, key, subject } = entry
    const token = await tokenOf(subject)
    const answer = await client.send({ method: "POST", path, body, idempotencyKey: key, timeoutMs, token })
    meter.add(kind, answer)
    if (!isDefinite(answer)) return false
    books.note(entry, answer.code === undefined ? { kind: "acknowledged", body: answer.body } : { kind: "refused", code: answer.code })
    return true
  }
  const desk: Desk = {
    books,
    tries: 3,
    repeat: send,
    async command(wish) {
      const entry = books.open(wish)
      const twice = random.chance(twiceShare) ? send(entry) : undefined
      for (let tries = 1; !(await send(entry)) && tries < desk.tries; tries++)
        await sleep(firstPauseMs * 2 ** tries * (0.5 + Math.random()))
      await twice
      return entry
    },
    async query(operation, path, subject, patienceMs = timeoutMs) {
      const token = subject === undefined ? {} : { token: await tokenOf(subject) }
      const answer = await client.send({ method: "GET", path, timeoutMs: patienceMs, ...token })
      meter.add(operation, answer)
      return answer
    },
  }
  return desk
}

/** The administrator, who may see everything. */
export const admin = "chaos-admin"

const validForSeconds = 48 * 3600

function createTokens(secret: string): (subject: string) => Promise<string> {
  const tokens = new Map<string, Promise<string>>()
  return (subject) => {
    const roles = subject === admin ? ["admin"] : ["customer", "partner"]
    const token = tokens.get(subject) ?? signUserToken(secret, { subject, roles }, validForSeconds)
    tokens.set(subject, token)
    return token
  }
}
