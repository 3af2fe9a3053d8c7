import { Client } from "pg"
import type { ClientConfig } from "pg"

type Connected = ((error: Error) => void) | ((error: null, client: Client) => void)

/**
 * On a line on which nothing comes the system asks after ten seconds whether the other end is still there: by itself it does after two
 * hours, and what stands between forgets the line before that, as in a migration of some minutes.
 */
const watched = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const

/**
 * A client that cannot be made fails as it connects. Each one reads the files that its URL names, such as that of an authority, and they
 * may be gone while they are replaced: what is thrown then, where a pool makes one for somebody who waits, nobody would catch.
 */
export class DatabaseClient extends Client {
  private trouble: Error | undefined

  constructor(config?: ClientConfig) {
    let trouble: Error | undefined
    try {
      super({ ...config, ...watched })
    } catch (error) {
      super({ ssl: false, sslnegotiation: "postgres" })
      trouble = error instanceof Error ? error : new Error(String(error))
    }
    this.trouble = trouble
  }

  override connect(): Promise<Client>
  override connect(connected: Connected): void
  override connect(connected?: Connected): Promise<Client> | void {
    const { trouble } = this
    if (!trouble) return connected ? super.connect(connected) : super.connect()
    if (!connected) return Promise.reject(trouble)
    process.nextTick(connected, trouble)
  }
}
