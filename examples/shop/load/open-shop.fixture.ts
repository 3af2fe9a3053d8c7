import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { defineTopology, operationsOf } from "@hanok/contract"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import { createAddressBook, createLog, signUserToken, startService } from "@hanok/runtime"
import { until } from "@hanok/testkit"
import { modules } from "../modules.ts"
import { settlementModule } from "../modules/settlement/module.ts"
import type { SeedCall, SeedClient } from "../seed/client.ts"
import { seed } from "../seed.ts"
import { createShopApi } from "./api.ts"
import type { ShopApi } from "./api.ts"

export interface OpenShop {
  readonly url: string
  /** Makes a token for somebody. */
  tokenFor(subject: string, ...roles: readonly string[]): Promise<string>
  /** Fills the shelves. */
  furnish(): Promise<void>
  close(): Promise<void>
}

const secret = "a secret for the tests of the load generator"

/** The whole shop as one process, on a PostgreSQL of its own, the gateway on a free port and without a limit of requests. */
export async function openShop(): Promise<OpenShop> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-load-"))
  const server = await createEmbeddedPostgres({ folder: join(folder, "data"), durability: "off" })
  const all = modules.some(({ contract }) => contract.name === "settlement") ? modules : [...modules, settlementModule]
  const topology = defineTopology({ name: "shop", modules: all, gateway: { requestsPerSecond: 0 } })
  const env = { HANOK_SECRET: secret, DATABASE_URL: server.url }
  const log = createLog({ service: "main", instance: "test", level: "silent" })
  const service = await startService({ topology, service: "main", env, discovery: createAddressBook(), gatewayPort: 0, log })
  await until(async () => (await service.unready()).length === 0, { withinMs: 30_000, what: "the shop to open" })
  const url = service.gatewayUrl ?? ""
  return {
    url,
    tokenFor,
    furnish: () => furnish(url),
    async close() {
      await service.close({ graceMs: 0 })
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function tokenFor(subject: string, ...roles: readonly string[]): Promise<string> {
  return signUserToken(secret, { subject, roles }, 600)
}

async function furnish(url: string): Promise<void> {
  const api = createShopApi({ url })
  try {
    await seed({ client: clientOver(api) })
  } finally {
    await api.close()
  }
}

function clientOver(api: ShopApi): SeedClient {
  return (contract) => {
    const functions = operationsOf(contract).map(([name]) => {
      const call = async (input: never, { identity, idempotencyKey }: SeedCall = {}) => {
        const token = identity && (await tokenFor(identity.subject, ...identity.roles))
        return api.call(contract, name as never, input, { token, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) })
      }
      return [name, call] as const
    })
    // One function for each operation, which is what the mapped type says.
    return Object.fromEntries(functions) as ReturnType<SeedClient> as never
  }
}
