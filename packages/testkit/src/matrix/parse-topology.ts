import type { Topology } from "@hanok/contract"

/** The topology that a file exports by default. Throws when it exports something else. */
export function parseTopology(exported: unknown, file: string): Topology {
  const byDefault = fieldOf(exported, "default")
  // What a compiler has made CommonJS of is one object to Node, exported by default, with what was exported in it.
  const topology = fieldOf(byDefault, "__esModule") === true ? fieldOf(byDefault, "default") : byDefault
  if (fieldOf(topology, "kind") === "topology") return topology as Topology // made by defineTopology, the only one to write this kind
  throw new Error(`${file} does not export a topology by default. Write: export default defineTopology({ modules: [...] })`)
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
}
