import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { checkTopology, WiringError } from "@hanok/contract"
import type { Topology } from "@hanok/contract"
import { CliError } from "../cli-error.ts"

export interface LoadedTopology {
  readonly topology: Topology
  /** The configuration's absolute path. */
  readonly file: string
  /** The exported `seed`, if there is one. */
  readonly seed: unknown
}

const fileName = "hanok.config.ts"

/**
 * Loads the topology that a configuration exports by default; without a path, the nearest `hanok.config.ts` upward from here.
 * Rejects with every fault of its wiring.
 */
export async function loadTopology(configPath: string | undefined): Promise<LoadedTopology> {
  const loaded = await importTopology(configPath)
  const problems = checkTopology(loaded.topology)
  if (problems.length > 0) throw new CliError(new WiringError(loaded.topology.name, problems).message, "", 2)
  return loaded
}

/** Loads a topology as it is, with whatever faults it has. */
export async function importTopology(configPath: string | undefined): Promise<LoadedTopology> {
  const file = configPath === undefined ? findUpward(process.cwd()) : resolve(configPath)
  if (file === undefined || !existsSync(file)) {
    throw new CliError(
      configPath === undefined ? `There is no ${fileName} here or above.` : `There is no file ${configPath}.`,
      "Go to your project's folder, or name the file with --config.",
      2,
    )
  }
  const exported = await importFile(file)
  const topology = exported["default"]
  if (!isTopology(topology)) {
    throw new CliError(`${file} does not export a topology.`, "Write: export default defineTopology({ modules: [...] })", 2)
  }
  return { topology, file, seed: exported["seed"] }
}

async function importFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(urlOf(file))
  } catch (error) {
    if (error instanceof WiringError) throw new CliError(error.message, "", 2)
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    throw new CliError(`${file} cannot be loaded:\n${stack}`, "Mend what the message names.", 2)
  }
}

const read = new Set<string>()

// A query makes a file that may have changed be read again; without one, its compiled code is found in the cache.
function urlOf(file: string): string {
  const { href } = pathToFileURL(file)
  if (read.has(href)) return `${href}?at=${Date.now()}`
  read.add(href)
  return href
}

function findUpward(folder: string): string | undefined {
  const file = join(folder, fileName)
  if (existsSync(file)) return file
  const parent = dirname(folder)
  return parent === folder ? undefined : findUpward(parent)
}

function isTopology(value: unknown): value is Topology {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "topology"
}
