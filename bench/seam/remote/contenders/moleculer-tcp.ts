import { moleculerWith } from "../moleculer.ts"

/** Nodes find each other by UDP within this machine; calls go over TCP. */
export const contender = moleculerWith(
  () => ({ type: "TCP", options: { udpDiscovery: true, udpBroadcast: false, udpPort: 4445 } }),
  () => "tcp",
)
