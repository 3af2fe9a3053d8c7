import { dirname, join, resolve } from "node:path"
import { CliError } from "../cli-error.ts"
import { folderWith, isFile } from "../folder-with.ts"

const fileName = "hanok.config.ts"

/** The absolute path of a configuration; without a path, the nearest `hanok.config.ts` upward from here. Throws when it is not there. */
export function findConfiguration(path: string | undefined): string {
  const file = path ?? join(folderWith(fileName, process.cwd()) ?? "", fileName)
  if (isFile(file)) return resolve(file)
  throw new CliError(
    path === undefined ? `There is no ${fileName} here or above.` : `There is no file ${path}.`,
    "Go to your project's folder, or name the file with --config.",
    2,
  )
}

/** Where `hanok dev` keeps its data: in `data` when it is given, else in `.hanok` beside the configuration. */
export function dataFolderOf({ config, data }: { readonly config?: string | undefined; readonly data?: string | undefined }): string {
  return resolve(data ?? join(dirname(findConfiguration(config)), ".hanok"))
}
