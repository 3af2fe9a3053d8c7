/** What a pattern matches that says no more than which characters a text is made of, and how many: an id, a code. */
export interface Run {
  readonly least: number
  readonly most: number
  /** By the code of a character of ASCII: 1 when it may occur. */
  readonly allowed: Uint8Array
}

/** `^[A-Za-z0-9-]{1,64}$`: plain characters and ranges of them. */
const run = /^\^(\[[\w .,:;/@#%&+~-]+\])(?:\{(\d+)(,?)(\d*)\}|([+*]))\$$/

const asciiSize = 128

/** `undefined` for any other pattern. */
export function runOf({ source, flags }: RegExp): Run | undefined {
  const [, characters, least, comma, most, sign] = run.exec(source) ?? []
  if (characters === undefined || (flags !== "" && flags !== "u")) return undefined
  const one = new RegExp(`^${characters}$`, flags)
  const allowed = Uint8Array.from({ length: asciiSize }, (_, code) => (one.test(String.fromCharCode(code)) ? 1 : 0))
  if (sign !== undefined) return { least: sign === "+" ? 1 : 0, most: Number.POSITIVE_INFINITY, allowed }
  return { least: Number(least), most: comma === "" ? Number(least) : Number(most || Number.POSITIVE_INFINITY), allowed }
}

/** Whether it surely is one: a look at a table for each character, where a pattern has ranges to compare with, one after the other. */
export function isRun(text: string, { least, most, allowed }: Run): boolean {
  const { length } = text
  if (length < least || length > most) return false
  for (let index = 0; index < length; index++) if (allowed[text.charCodeAt(index)] !== 1) return false
  return true
}
