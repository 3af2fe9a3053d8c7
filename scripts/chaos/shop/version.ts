import { defineContract } from "@hanok/contract"
import type { Contract, Module } from "@hanok/contract"
import { z } from "zod"

/** `newer`: one operation and one optional field more. `incompatible`: a field more that callers have to give. */
export type Version = "usual" | "newer" | "incompatible"

/** The contract that is different in other versions. */
export const changedContract = "coupon"

/** The modules as they are in a copy of the shop in which the contract has been changed. */
export function inVersion(modules: readonly Module[], version: Version): readonly Module[] {
  if (version === "usual") return modules
  const replaced = (contract: Contract) => (contract.name === changedContract ? changed(contract, version) : contract)
  const all = (contracts: Readonly<Record<string, Contract>>) =>
    Object.fromEntries(Object.entries(contracts).map(([name, contract]) => [name, replaced(contract)]))
  return modules.map((module) => ({ ...module, contract: replaced(module.contract), uses: all(module.uses), listens: all(module.listens) }))
}

function changed(contract: Contract, version: Exclude<Version, "usual">): Contract {
  const { redeemCoupon, ...rest } = contract.declarations
  if (redeemCoupon?.kind !== "command") throw new Error("The contract coupon has no command redeemCoupon.")
  const more = { campaign: version === "newer" ? z.string().optional() : z.string() }
  // The contract's schemas are objects of Zod.
  const input = (redeemCoupon.input as unknown as z.ZodObject).extend(more)
  return defineContract(contract.name, { ...rest, redeemCoupon: { ...redeemCoupon, input } })
}
