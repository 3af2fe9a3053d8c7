import { Transport } from "@nestjs/microservices"
import { natsUrl } from "../nats.ts"
import { nestWith } from "../nest.ts"

export const contender = nestWith(
  (url) => ({ transport: Transport.NATS, options: { servers: [url] } }),
  async () => natsUrl,
)
