import { createHash } from "node:crypto"
import { callIncompatibilities, describeContract, eventIncompatibilities } from "@hanok/contract"
import type { Contract, ContractDescription, Incompatibility, Json, Topology } from "@hanok/contract"
import type { ContractBook } from "./contract-book.ts"

const books = new WeakMap<Topology, ContractBook>()

/**
 * What the code in this process knows of the contracts of its topology. They are described, once, when the first connection asks for
 * it, or whoever has the time for it before.
 */
export function contractBookOf(topology: Topology): ContractBook {
  const known = books.get(topology)
  if (known) return known
  const book = newBook(topology)
  books.set(topology, book)
  return book
}

function newBook(topology: Topology): ContractBook {
  let described: ReadonlyMap<string, ContractDescription> | undefined
  let fingerprints: Readonly<Record<string, string>> | undefined
  const known = () => (described ??= new Map([...contractsOf(topology)].map(([name, contract]) => [name, describeContract(contract)])))
  const compare = (name: string, theirs: Json, side: "call" | "event") => {
    const mine = known().get(name)
    return mine && isDescription(theirs) ? troubleOf(name, mine, theirs, side) : `The contract ${name} is not known to the other side.`
  }
  return {
    get fingerprints() {
      return (fingerprints ??= Object.fromEntries([...known()].map(([name, description]) => [name, fingerprintOf(description)])))
    },
    // A description is plain JSON.
    describe: (contract) => known().get(contract) as Json | undefined,
    callTrouble: (contract, theirs) => compare(contract, theirs, "call"),
    eventTrouble: (contract, theirs) => compare(contract, theirs, "event"),
  }
}

/** Equal for contracts that are called and listened to alike, and practically only for those. */
function fingerprintOf(description: ContractDescription): string {
  return createHash("sha256").update(JSON.stringify(description)).digest("base64url").slice(0, 22)
}

// Of a contract that a module uses in another version its owner's counts, which that fits: it is what lives in this process, or there.
function contractsOf({ modules }: Topology): ReadonlyMap<string, Contract> {
  const used = modules.flatMap(({ uses, listens }) => [...Object.values(uses), ...Object.values(listens)])
  const owned = modules.map(({ contract }) => contract)
  return new Map([...used, ...owned].map((contract) => [contract.name, contract]))
}

function troubleOf(name: string, mine: ContractDescription, theirs: ContractDescription, side: "call" | "event"): string | undefined {
  const found = side === "call" ? callIncompatibilities(mine, theirs) : eventIncompatibilities(theirs, mine)
  if (found.length === 0) return undefined
  const sides = side === "call" ? "caller and callee" : "emitter and subscriber"
  return `The contract ${name} differs between ${sides}: ${found.map(textOf).join("; ")}.`
}

function textOf({ operation, field, problem }: Incompatibility): string {
  return `${operation}${field === "" ? "" : `, ${field}`}: ${problem}`
}

function isDescription(value: Json): value is Json & ContractDescription {
  return typeof value === "object" && value !== null && "operations" in value && "events" in value
}
