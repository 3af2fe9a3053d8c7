import { CliError } from "../cli-error.ts"

/** Throws a `CliError` when it cannot be the name of a folder and an npm package. */
export function parseAppName(name: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(name)) return name
  throw new CliError(`"${name}" cannot be an app's name.`, "Begin with a letter; use lower case, digits and dashes.", 2)
}

/** Throws a `CliError` when it cannot be the name of a module and its contract. */
export function parseModuleName(name: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(name)) return name
  throw new CliError(`"${name}" cannot be a module's name.`, "Name a business domain, such as gift or gift-card.", 2)
}

/** `gift-card` as it stands in names of the code: `giftCard`. */
export function camelOf(name: string): string {
  return name.replaceAll(/-+(.?)/g, (_, letter: string) => letter.toUpperCase())
}
