import { realpathSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { CliError } from "../cli-error.ts"
import { findConfiguration } from "../config/find-configuration.ts"
import { loadTopology } from "../config/load-topology.ts"
import { replaceConfiguration } from "../config/replace-configuration.ts"
import { understood } from "../topology-file/rewrite.ts"
import { addModule } from "./add-module.ts"
import { moduleFiles } from "./module-files.ts"
import { camelOf, parseModuleName } from "./names.ts"
import type { Written } from "./new-app.ts"
import { assertFree, writeFiles } from "./write-files.ts"

/** Writes a module beside a configuration and adds it there. Rejects with a `CliError`, and then everything is as it was. */
export async function newModule(name: string, config: string | undefined): Promise<Written> {
  parseModuleName(name)
  // Its imports start from where it is itself, and not from where a link to it is.
  const file = realpathSync(findConfiguration(config))
  const { topology } = await loadTopology(file)
  if (topology.modules.some(({ contract }) => contract.name === name)) {
    throw new CliError(`There is a module ${name} already.`, "Take another name.", 2)
  }
  const folder = join(dirname(file), "modules", name)
  await assertFree(folder)
  const before = await readFile(file, "utf8")
  const after = understood(
    file,
    () => addModule(before, name),
    `Add ${camelOf(name)}Module to its modules by hand, when its files are there.`,
  )
  const files = await writeFiles(dirname(file), moduleFiles(name), () =>
    replaceConfiguration(file, { before, after }, ({ modules }) => {
      if (!modules.some(({ contract }) => contract.name === name)) throw unexpected(file, name)
    }),
  )
  return { folder, files: [...files, file] }
}

function unexpected(file: string, name: string): CliError {
  const message = `After the change, ${name} was not in the topology: ${relative(process.cwd(), file)} works in a way that is not understood.`
  return new CliError(message, "Nothing was kept. Write the module by hand.", 2)
}
