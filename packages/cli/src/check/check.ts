import { existsSync, realpathSync, statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { basename, dirname, join, relative } from "node:path"
import { checkImports, parseRules, projectRules, readSources } from "@hanok/catalog"
import type { Rule, Violation } from "@hanok/catalog"
import { CliError, messageOf } from "../cli-error.ts"
import { findConfiguration } from "../config/find-configuration.ts"
import { isWithin } from "../is-within.ts"
import { checkConfiguration } from "./check-configuration.ts"
import { findRoot, rulesFile } from "./find-root.ts"

/** Something that could not be read or loaded, so that it is not known whether it keeps the rules. */
interface Undetermined {
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

export interface CheckReport {
  /** Absolute; the paths below are relative to it. */
  readonly root: string
  /** How many TypeScript files there are. */
  readonly files: number
  /** The folders of the modules. */
  readonly modules: readonly string[]
  /** The configurations whose topology was checked. */
  readonly topologies: readonly string[]
  /** All of them, by file and line; those of topologies last. */
  readonly violations: readonly Violation[]
  readonly undetermined: readonly Undetermined[]
}

export interface CheckOptions {
  readonly folder: string
  /** Checked in place of every `hanok.config.ts`. */
  readonly config: string | undefined
}

/** Holds the files and topologies of a folder to the rules. Rejects with a `CliError` when the folder, the named topology or its rules are not there to be read. */
export async function check({ folder, config }: CheckOptions): Promise<CheckReport> {
  if (!existsSync(folder)) throw new CliError(`There is no folder ${folder}.`, "Name a folder of your project, or none for all of it.", 2)
  // Where a link leads: the project around it is there, and so is what a topology tells of its places.
  const scope = realpathSync(folder)
  const root = findRoot(statSync(scope).isDirectory() ? scope : dirname(scope))
  const sources = await readSources(root)
  const report = checkImports(sources, [...projectRules, ...(await workspaceRules(root))])
  const isInScope = ({ path }: { path: string }) => isWithin(join(root, path), scope)
  const configs = config === undefined ? configsOf(root, sources, scope) : [findConfiguration(config)]
  const topologies = await Promise.all(configs.map((file) => checkConfiguration(file, root)))
  return {
    root,
    files: sources.filter((file) => isInScope(file) && !file.path.endsWith(".json")).length,
    modules: report.modules.filter((path) => isInScope({ path })),
    topologies: configs.map((file) => relative(root, file)),
    violations: [...report.violations.filter(isInScope), ...topologies.flatMap(({ violations }) => violations)],
    undetermined: [...report.unread.filter(isInScope), ...topologies.flatMap(({ undetermined }) => undetermined)],
  }
}

// Those of the folder, and the one to which the folder belongs.
function configsOf(root: string, sources: readonly { path: string }[], scope: string): readonly string[] {
  const all = sources.filter(({ path }) => basename(path) === "hanok.config.ts").map(({ path }) => join(root, path))
  return all.filter((file) => isWithin(file, scope) || isWithin(scope, dirname(file)))
}

async function workspaceRules(root: string): Promise<readonly Rule[]> {
  const file = join(root, rulesFile)
  if (!existsSync(file)) return []
  try {
    return parseRules(await readFile(file, "utf8"))
  } catch (error) {
    throw new CliError(`${relative(process.cwd(), file)}: ${messageOf(error)}`, "hanok check --help shows an example of it.", 2)
  }
}
