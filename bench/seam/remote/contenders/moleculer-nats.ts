import { moleculerWith } from "../moleculer.ts"
import { natsUrl } from "../nats.ts"

export const contender = moleculerWith(
  (place) => ({ type: "NATS", options: { url: place.split(" ")[0] ?? "" } }),
  () => natsUrl,
)
