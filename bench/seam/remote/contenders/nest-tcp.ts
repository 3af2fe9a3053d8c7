import { Transport } from "@nestjs/microservices"
import { freePort } from "../free-port.ts"
import { nestWith } from "../nest.ts"

export const contender = nestWith(
  (port) => ({ transport: Transport.TCP, options: { host: "127.0.0.1", port: Number(port) } }),
  async () => String(await freePort()),
)
