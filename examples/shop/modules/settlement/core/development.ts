import { Fault, operationsOf } from "@hanok/contract"
import type { Adapter, AdapterHost, CallOptions, Client, Context, Contract, Filled } from "@hanok/contract"
import { startLegacy } from "./start-legacy.ts"
import type { RunningLegacy } from "./start-legacy.ts"

type AnyPort = Readonly<Record<string, (input: unknown, context: Context, options?: CallOptions) => Promise<unknown>>>

/**
 * The adapter as it is where `variable` says where the old core runs, and in production. Elsewhere the core of this example
 * is started beside it by the first call, with a database of its own on the server of `DATABASE_URL`, and stopped with the module.
 */
export function besideDevelopment<C extends Contract>(contract: C, adapter: Adapter<Client<C>>, variable: string): Adapter<Client<C>> {
  return {
    ...adapter,
    async create(host) {
      const databaseUrl = host.env["DATABASE_URL"]
      if (host.env[variable] || !databaseUrl || host.env["NODE_ENV"] === "production") return adapter.create(host)
      const beside = createBeside(adapter, host, variable, databaseUrl)
      const functions = operationsOf(contract).map(([name]) => {
        const call: AnyPort[string] = async (...call) => callOn(await beside.port(), name, call)
        return [name, call] as const
      })
      // One function for each operation, which is what the mapped type says.
      return { port: Object.fromEntries(functions) as Client<C>, close: beside.close }
    },
  }
}

interface Beside<Port> {
  port(): Promise<Port>
  close(): Promise<void>
}

interface Started<Port> {
  readonly program: RunningLegacy
  readonly filled: Filled<Port>
}

function createBeside<Port>(adapter: Adapter<Port>, host: AdapterHost, variable: string, databaseUrl: string): Beside<Port> {
  let starting: Promise<Started<Port>> | undefined
  let closed = false
  const forget = () => {
    starting = undefined
  }
  const start = async (): Promise<Started<Port>> => {
    const program = await startLegacy({ databaseUrl, log: (line) => host.log.info(line, { program: "legacy settlement core" }) })
    const filled = await adapter.create({ ...host, env: { ...host.env, [variable]: program.url } })
    // A program that ended by itself is started again by the next call.
    void program.ended.then(forget).then(() => filled.close?.())
    return { program, filled }
  }
  return {
    async port() {
      if (closed) throw new Fault("UNAVAILABLE", "The module is closing.")
      starting ??= start().catch((error: unknown) => {
        forget()
        throw unavailable(error)
      })
      return (await starting).filled.port
    },
    async close() {
      closed = true
      const started = await starting?.catch(() => undefined)
      await started?.program.close()
    },
  }
}

function unavailable(error: unknown): Fault {
  const reason = error instanceof Error ? error.message : String(error)
  return new Fault("UNAVAILABLE", `The old settlement core could not be started: ${reason}`, { cause: error, retryAfterMs: 5_000 })
}

function callOn(port: unknown, name: string, call: Parameters<AnyPort[string]>): Promise<unknown> {
  // The port of a contract has a function for each of its operations.
  const operation = (port as AnyPort)[name]
  if (!operation) throw new Fault("INTERNAL", `The port has no ${name}.`)
  return operation(...call)
}
