import { eventsOf, operationsOf } from "./contract.ts"
import type { Contract } from "./contract.ts"
import type { Module } from "./module.ts"
import type { WiringProblem } from "./wiring-error.ts"

/** Handlers that are missing or too many, reactions to what is not listened to, jobs without a pace. The compiler finds most of it first. */
export function checkHandlers(module: Module): readonly WiringProblem[] {
  return [
    ...missingHandlers(module),
    ...extraHandlers(module),
    ...Object.entries(module.reactions).flatMap(reactionsOf(module)),
    ...jobs(module),
  ]
}

function missingHandlers({ contract, handlers, definedAt: at }: Module): readonly WiringProblem[] {
  return operationsOf(contract)
    .filter(([name]) => typeof handlers[name] !== "function")
    .map(([name, operation]) => ({
      message: `${contract.name} has no handler for ${name}.`,
      hint: `Add \`${name}\` to its \`handlers\`, or take it out of the contract${operation.definedAt === undefined ? "" : ` (${operation.definedAt})`}.`,
      at,
    }))
}

function extraHandlers({ contract, handlers, definedAt: at }: Module): readonly WiringProblem[] {
  const declared = operationsOf(contract).map(([name]) => name)
  return Object.keys(handlers)
    .filter((name) => !declared.includes(name))
    .map((name) => ({
      message: `${contract.name} has a handler for ${name}, which its contract does not declare.`,
      hint: `Declare it, or take it out of \`handlers\`. Declared: ${listOf(declared)}.`,
      at,
    }))
}

function reactionsOf({ contract, listens, definedAt: at }: Module) {
  return ([alias, byEvent]: [string, Module["reactions"][string]]): readonly WiringProblem[] => {
    const heard = listens[alias]
    if (heard) return Object.keys(byEvent).flatMap((event) => reactionOf(contract, heard, event, at))
    const hint = `Add the contract to \`listens\`, or take the reactions out. Listened to: ${listOf(Object.keys(listens))}.`
    return [{ message: `${contract.name} has reactions to ${alias}, which it does not listen to.`, hint, at }]
  }
}

function reactionOf(contract: Contract, heard: Contract, event: string, at: string | undefined): readonly WiringProblem[] {
  const events = eventsOf(heard).map(([name]) => name)
  if (events.includes(event)) return []
  const message = `${contract.name} has a reaction to ${heard.name}.${event}, which is not an event of that contract.`
  return [{ message, hint: `React to one of its events: ${listOf(events)}.`, at }]
}

function jobs({ contract, jobs: own, definedAt: at }: Module): readonly WiringProblem[] {
  return Object.entries(own)
    .filter(([, { everyMs }]) => !(Number.isFinite(everyMs) && everyMs >= 1))
    .map(([name, { everyMs }]) => ({
      message: `The job ${name} of ${contract.name} is to run every ${everyMs} ms.`,
      hint: "Give it 1 ms or more.",
      at,
    }))
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ")
}
