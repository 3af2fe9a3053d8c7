import { readFile } from "node:fs/promises"
import { relative } from "node:path"
import { mainService, serviceOf } from "@hanok/contract"
import type { Topology } from "@hanok/contract"
import { CliError } from "../cli-error.ts"
import { findConfiguration } from "../config/find-configuration.ts"
import { loadTopology } from "../config/load-topology.ts"
import { assertUnchanged, replaceConfiguration } from "../config/replace-configuration.ts"
import { nearest } from "../nearest.ts"
import { writtenServices } from "./move-module.ts"
import { NotUnderstood } from "./not-understood.ts"

/** A configuration whose services can be edited. */
export interface EditableTopology {
  readonly topology: Topology
  /** Absolute. */
  readonly file: string
  readonly text: string
  /** The one to be moved. */
  readonly module: string
  /** The service in which it lives. */
  readonly current: string
}

/** Loads a configuration in order to move a module. Throws a `CliError` when the module is not in it, or the file not understood. */
export async function openTopology(config: string | undefined, module: string): Promise<EditableTopology> {
  const file = findConfiguration(config)
  const text = await readFile(file, "utf8")
  const { topology } = await loadTopology(file)
  await assertUnchanged(file, text)
  const known = topology.modules.map(({ contract }) => contract.name)
  if (!known.includes(module)) throw unknownModule(module, known)
  understood(file, () => compareServices(text, topology))
  return { topology, file, text, module, current: serviceOf(topology, module)?.name ?? mainService }
}

/** Edits the text of a configuration. Throws a `CliError` that says what to do instead when the file is not understood. */
export function understood<T>(file: string, edit: () => T, instead = writtenOut): T {
  try {
    return edit()
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error
    const message = `${relative(process.cwd(), file)}:${error.line} ${error.message}, which is not edited here.`
    throw new CliError(message, instead, 2)
  }
}

const writtenOut = 'Change it by hand, or write the services out: services: { gift: { modules: ["gift"] } }'

/** Writes the configuration, unless it would not say then what was intended. */
export async function writeTopology({ file, text: before, module }: EditableTopology, after: string, service: string): Promise<void> {
  await replaceConfiguration(file, { before, after }, (topology) => {
    const found = serviceOf(topology, module)?.name
    if (found !== service) throw unexpected(file, module, found)
  })
}

function unexpected(file: string, module: string, found: string | undefined): CliError {
  const message = `After the change, ${module} was in the service ${found ?? "of nobody"}: ${relative(process.cwd(), file)} works in a way that is not understood.`
  return new CliError(message, "It is as it was before. Change it by hand.", 2)
}

function unknownModule(module: string, known: readonly string[]): CliError {
  const meant = nearest(module, known)
  const hint = `${meant === undefined ? "" : `Did you mean ${meant}? `}There are ${known.join(", ")}.`
  return new CliError(`There is no module ${module} in this topology.`, hint, 2)
}

// What is written must be what is meant: otherwise something else decides about services, and an edit might do anything.
function compareServices(text: string, topology: Topology): void {
  const written = writtenServices(text)
  const different = topology.modules.find(({ contract: { name } }) => {
    return (written.get(name) ?? mainService) !== (serviceOf(topology, name)?.name ?? mainService)
  })
  if (different) throw new NotUnderstood(1, `does not itself say where the module ${different.contract.name} lives`)
}
