import { callIncompatibilities, eventIncompatibilities } from "./compatibility.ts"
import type { Contract } from "./contract.ts"
import { describeContract } from "./describe.ts"
import type { Module } from "./module.ts"
import type { WiringProblem } from "./wiring-error.ts"

/** Contracts that are used or listened to without an owner, or in another version than the owner's, and ports with one name. */
export function checkUses(modules: readonly Module[]): readonly WiringProblem[] {
  const owned = new Map(modules.map(({ contract }) => [contract.name, contract]))
  return modules.flatMap((module) => [
    ...Object.values(module.uses).flatMap((contract) => checkUse(module, "uses", contract, owned)),
    ...Object.values(module.listens).flatMap((contract) => checkUse(module, "listens", contract, owned)),
    ...checkPortNames(module),
  ])
}

function checkUse(
  { contract: { name }, definedAt: at }: Module,
  field: "uses" | "listens",
  used: Contract,
  owned: ReadonlyMap<string, Contract>,
): readonly WiringProblem[] {
  const own = owned.get(used.name)
  const verb = field === "uses" ? "uses" : "listens to"
  if (!own) {
    const hint = `Add the module that owns ${used.name} to the topology, or take it out of \`${field}\`. Owned here: ${[...owned.keys()].join(", ")}.`
    return [{ message: `${name} ${verb} the contract ${used.name}, which no module of the topology owns.`, hint, at }]
  }
  const trouble = own === used ? undefined : versionTrouble(field, used, own)
  if (trouble === undefined) return []
  const hint = `Import the contract that the module ${used.name} itself is made of${own.definedAt === undefined ? "" : ` (${own.definedAt})`}.`
  return [{ message: `${name} ${verb} another version of the contract ${used.name} than its owner has: ${trouble}.`, hint, at }]
}

function versionTrouble(field: "uses" | "listens", used: Contract, own: Contract): string | undefined {
  try {
    const [mine, theirs] = [describeContract(used), describeContract(own)]
    const [first] = field === "uses" ? callIncompatibilities(mine, theirs) : eventIncompatibilities(mine, theirs)
    return first && `${first.operation}${first.field === "" ? "" : `, ${first.field}`}: ${first.problem}`
  } catch {
    // A schema without a JSON form is a fault of its own, told where contracts are checked.
    return undefined
  }
}

function checkPortNames({ contract, uses, needs, definedAt: at }: Module): readonly WiringProblem[] {
  const needed = Object.keys(needs)
  const both = Object.keys(uses).filter((name) => needed.includes(name))
  const reserved = [...Object.keys(uses), ...needed].filter((name) => name === "events")
  return [
    ...both.map((name) => ({
      message: `${contract.name} has the name ${name} both in \`uses\` and in \`needs\`, so that one port would hide the other.`,
      hint: "Call one of them otherwise.",
      at,
    })),
    ...reserved.map(() => ({
      message: `${contract.name} calls a port \`events\`, which is how it emits its own.`,
      hint: "Call the port otherwise.",
      at,
    })),
  ]
}
