import { createServer } from "node:net"
import { codeOf } from "./error-code.ts"

export const loopback = "127.0.0.1"

/** A port that nobody listened on a moment ago: the one that is wished, or any. */
export async function choosePort(wished: number | undefined): Promise<number> {
  try {
    return await freePort(wished ?? 0)
  } catch (cause) {
    if (wished === undefined || codeOf(cause) !== "EADDRINUSE") throw cause
    throw new Error(`Port ${wished} on ${loopback} is taken. Stop what listens there, or choose another port for PostgreSQL.`, { cause })
  }
}

function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(port, loopback, () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port))
    })
  })
}
