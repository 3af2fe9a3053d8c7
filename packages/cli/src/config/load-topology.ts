import { pathToFileURL } from "node:url"
import { checkTopology, WiringError } from "@hanok/contract"
import type { Topology } from "@hanok/contract"
import { CliError } from "../cli-error.ts"
import { findConfiguration } from "./find-configuration.ts"
import { placeOfMistake } from "./place-of-mistake.ts"
import { watchReading } from "./watch-reading.ts"

export interface LoadedTopology {
  readonly topology: Topology
  /** The configuration's absolute path. */
  readonly file: string
  /** The exported `seed`, if there is one. */
  readonly seed: unknown
}

/**
 * Loads the topology that a configuration exports by default; without a path, the nearest `hanok.config.ts` upward from here.
 * Rejects with every fault of its wiring. While it is read, and when it is not to its end, it is told of as `knownAs`.
 */
export async function loadTopology(configPath: string | undefined, knownAs?: string): Promise<LoadedTopology> {
  const loaded = await importTopology(configPath, knownAs)
  const problems = checkTopology(loaded.topology)
  if (problems.length > 0) throw new CliError(new WiringError(loaded.topology.name, problems).message, "", 2)
  return loaded
}

/** Loads a topology as it is, with whatever faults it has. */
export async function importTopology(configPath: string | undefined, knownAs?: string): Promise<LoadedTopology> {
  const file = findConfiguration(configPath)
  const exported = await importFile(file, knownAs ?? file)
  const topology = exported["default"]
  if (!isTopology(topology)) {
    throw new CliError(`${file} does not export a topology.`, "Write: export default defineTopology({ modules: [...] })", 2)
  }
  return { topology, file, seed: exported["seed"] }
}

async function importFile(file: string, knownAs: string): Promise<Readonly<Record<string, unknown>>> {
  const done = watchReading(knownAs)
  const { href } = pathToFileURL(file)
  try {
    return exportsOf(await import(href))
  } catch (error) {
    if (error instanceof WiringError) throw new CliError(error.message, "", 2)
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    throw new CliError(
      `${file} cannot be loaded:\n${placeOfMistake(error, href)}${stack}`,
      `Mend what the message names.${aboutCompilers(error)}`,
      2,
    )
  } finally {
    done()
  }
}

const writtenForACompiler = new Set(["ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT", "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX"])

function aboutCompilers(error: unknown): string {
  if (!(error instanceof Error && "code" in error && writtenForACompiler.has(String(error.code)))) return ""
  return (
    " Node reads TypeScript as it stands: imports name files as they are (./contract.ts), or packages that are installed, without aliases, and there are no enums." +
    ' Code that is written for a compiler is read with NODE_OPTIONS="--import tsx" and the package tsx, or compiled and named by --config.'
  )
}

/** What a compiler has made CommonJS of is one object to Node, exported by default, with what was exported in it. */
function exportsOf(namespace: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const all = namespace["default"]
  return typeof all === "object" && all !== null && "__esModule" in all ? { ...all } : namespace
}

function isTopology(value: unknown): value is Topology {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "topology"
}
