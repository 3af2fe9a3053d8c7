import type { Module } from "@hanok/contract"
import { modules } from "../../examples/shop/modules.ts"
import { modulesInMemory } from "../../examples/shop/modules.memory.ts"

export const storeKinds = ["memory", "postgres"] as const
/** Where the modules keep their data. */
export type Stores = (typeof storeKinds)[number]

/** The ten modules that every contender serves. Settlement stays out: most of its work is done by a program that is not measured here. */
export function shopModules(stores: Stores): readonly Module[] {
  return stores === "memory" ? modulesInMemory : modules.filter(({ contract }) => contract.name !== "settlement")
}

/** Which stores this process is to use, as its parent has said. */
export function storesOfEnvironment(): Stores {
  const text = process.env["HEADLINE_STORES"]
  const found = storeKinds.find((kind) => kind === text)
  if (found) return found
  throw new Error(`HEADLINE_STORES is "${text}"; it takes one of ${storeKinds.join(", ")}.`)
}
