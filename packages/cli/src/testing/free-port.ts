import { createServer } from "node:net"

/** Below those that the system gives out by itself, to connections too: what is free now may be one of these in a moment. */
const [first, count] = [12_000, 20_000]

/** A port at which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  const port = first + Math.floor(Math.random() * count)
  return (await isFree(port)) ? port : freePort()
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })
}
