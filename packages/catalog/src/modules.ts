/** The folders of the modules: each `modules/<name>` in which there is a `contract.ts`; the deepest first. */
export function modulesOf(paths: Iterable<string>): readonly string[] {
  return [...paths]
    .filter((path) => /(?:^|\/)modules\/[^/]+\/contract\.ts$/.test(path))
    .map((path) => path.slice(0, -"/contract.ts".length))
    .toSorted((one, other) => other.length - one.length)
}

/** The folder of the module to which a file belongs. */
export function moduleOf(path: string, modules: readonly string[]): string | undefined {
  return modules.find((folder) => path.startsWith(`${folder}/`))
}

/** A module's name, from its folder. */
export function moduleName(folder: string): string {
  return folder.slice(folder.lastIndexOf("/") + 1)
}
