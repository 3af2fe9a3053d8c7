import { readFileSync } from "node:fs"
import { defineTopology } from "@hanok/contract"
import { modules } from "../../../examples/shop/modules.ts"
import { inVersion } from "./version.ts"
import type { Version } from "./version.ts"
import { here } from "./version-here.ts"

here.version = versionNow(process.env["HANOK_CHAOS_VERSION"])
const names = modules.map(({ contract }) => contract.name)

/**
 * The split shop, with three inventories, and nobody held back at the gateway. A process that is started while the file
 * `HANOK_CHAOS_VERSION` names says so is one of another version.
 */
export default defineTopology({
  name: "shop",
  modules: inVersion(modules, here.version),
  services: Object.fromEntries(names.map((name) => [name, { modules: [name], replicas: name === "inventory" ? 3 : 1 }])),
  gateway: { service: "gateway", requestsPerSecond: 0 },
})

function versionNow(file: string | undefined): Version {
  const text = file === undefined ? "" : readFileSync(file, { encoding: "utf8", flag: "a+" }).trim()
  return text === "newer" || text === "incompatible" ? text : "usual"
}
