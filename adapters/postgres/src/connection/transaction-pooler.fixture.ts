import type { Socket } from "node:net"
import { createProxy } from "../proxy.fixture.ts"
import type { Proxy } from "../proxy.fixture.ts"

/** The one connection to the server that all clients of a user share, each for a transaction. */
interface Shared {
  readonly upstream: Socket
  holder: Socket | undefined
  readonly waiting: { readonly client: Socket; readonly data: Buffer }[]
}

const readyForQuery = 90 // Z
const idle = 73 // I

/** As a pooler in transaction mode: each client logs in by itself, and has the connection of its user's first one from then on. */
export function createTransactionPooler(url: string): Promise<Proxy> {
  const users = new Map<string, Shared>()
  return createProxy(url, (client, own) => {
    let shared: Shared | undefined
    let user = ""
    own.on("data", (data: Buffer) => {
      if (shared === undefined) client.write(withOwnNumber(data))
      else if (shared.upstream === own) shared.holder?.write(data)
      if (!endsIdle(data)) return
      if (shared === undefined) {
        shared = users.get(user) ?? { upstream: own, holder: undefined, waiting: [] }
        users.set(user, shared)
      } else if (shared.upstream === own) goOn(shared)
    })
    client.on("data", (data: Buffer) => {
      user ||= /user\0(.*?)\0/.exec(data.toString())?.[1] ?? ""
      // Its end is not the server's connection's.
      if (shared === undefined) own.write(data)
      else if (data.toString("latin1", 0, 1) !== "X") take(shared, client, data)
    })
    client.on("end", () => client.end())
  })
}

function take(shared: Shared, client: Socket, data: Buffer): void {
  if (shared.holder !== undefined && shared.holder !== client) {
    shared.waiting.push({ client, data })
    return
  }
  shared.holder = client
  shared.upstream.write(data)
}

function goOn(shared: Shared): void {
  shared.holder = undefined
  const next = shared.waiting.shift()
  if (next) take(shared, next.client, next.data)
}

// In place of the server's number for the connection (BackendKeyData), which may be another one from then on.
function withOwnNumber(data: Buffer): Buffer {
  const key = data.indexOf(Buffer.from([75, 0, 0, 0, 12])) // K, and its length
  if (key >= 0) data.writeInt32BE(1, key + 5)
  return data
}

// Its last message says that it waits for another, outside of any transaction.
function endsIdle(data: Buffer): boolean {
  return data.at(-6) === readyForQuery && data.at(-1) === idle
}
