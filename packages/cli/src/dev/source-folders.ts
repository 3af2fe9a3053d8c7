import { existsSync, readFileSync, realpathSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { folderWith } from "../folder-with.ts"
import { isWithin } from "../is-within.ts"

/**
 * Where the sources are of what a configuration names: the folder of its package, and those of the packages that are linked into
 * that as its dependencies, as the others of a workspace are, and into these. What lies in another of them is left out.
 */
export function sourceFoldersOf(config: string): readonly [string, ...string[]] {
  const own = packageFolderOf(config)
  const found = new Set([realpathSync(own)])
  // What is added meanwhile is looked at, too.
  for (const folder of found) for (const linked of linkedInto(folder)) found.add(linked)
  const all = [...found]
  return [own, ...all.slice(1).filter((folder) => !all.some((other) => other !== folder && isWithin(folder, other)))]
}

/** The folder of the package that a file belongs to; its own when there is none. */
function packageFolderOf(file: string): string {
  return folderWith("package.json", dirname(file)) ?? dirname(file)
}

function linkedInto(folder: string): readonly string[] {
  const places = upward(folder)
  const installed = dependenciesOf(folder).flatMap((name) => {
    const place = places.find((above) => existsSync(join(above, "node_modules", name)))
    return place === undefined ? [] : [realpathSync(join(place, "node_modules", name))]
  })
  return installed.filter((place) => !place.split(sep).includes("node_modules"))
}

/** None where the manifest is missing or is just being written. */
function dependenciesOf(folder: string): readonly string[] {
  try {
    // A manifest has objects there, or nothing.
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Readonly<Record<string, object | undefined>>
    return ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"].flatMap((kind) =>
      Object.keys(manifest[kind] ?? {}),
    )
  } catch {
    return []
  }
}

/** A folder and those above it. */
function upward(folder: string): readonly string[] {
  return dirname(folder) === folder ? [folder] : [folder, ...upward(dirname(folder))]
}
