import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"

/** One step of a schema's history: SQL that is applied once, in a transaction. */
export interface Migration {
  readonly name: string
  readonly text: string
}

const fileName = /^\d{4}_[a-z0-9_-]+\.sql$/

/** The files `NNNN_name.sql` of a folder, in the order of their numbers. Rejects when the names leave the order open. */
export async function readMigrations(folder: URL): Promise<readonly Migration[]> {
  const base = folder.href.endsWith("/") ? folder : new URL(`${folder.href}/`)
  const names = (await listed(base)).filter((name) => name.endsWith(".sql")).sort()
  const misnamed = names.filter((name) => !fileName.test(name))
  if (misnamed.length > 0)
    throw new Error(`Migrations in ${base.pathname} are named 0001_what_it_does.sql; these are not: ${misnamed.join(", ")}`)
  const twice = names.filter((name, index) => names[index - 1]?.slice(0, 4) === name.slice(0, 4))
  if (twice.length > 0) throw new Error(`Two migrations in ${base.pathname} have the same number; give a new one to: ${twice.join(", ")}`)
  return Promise.all(
    names.map(async (name) => ({ name: name.slice(0, -4), text: withoutMark(await readFile(new URL(name, base), "utf8")) })),
  )
}

// Some editors begin a file with a mark of its encoding, which nobody sees and PostgreSQL does not understand.
function withoutMark(text: string): string {
  return text.startsWith("\ufeff") ? text.slice(1) : text
}

/** Tells whether a migration is still what was applied; line ends do not count. */
export function checksumOf({ text }: Migration): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex")
}

/**
 * What is left to apply. Throws when the history cannot go on from what was applied: a migration was changed or renamed afterwards,
 * or a new one stands before one that is applied. Names that are applied and not known here belong to a newer version.
 * One in which nothing stands yet is still being written, and would count as changed as soon as something does.
 */
export function pendingOf(module: string, known: readonly Migration[], applied: ReadonlyMap<string, string>): readonly Migration[] {
  const changed = known.filter((migration) => applied.has(migration.name) && applied.get(migration.name) !== checksumOf(migration))
  if (changed.length > 0) {
    throw new Error(
      `Migrations of ${module} were changed after they had been applied: ${namesOf(changed)}. Restore them, and put the change into a new one.`,
    )
  }
  const pending = known.filter((migration) => !applied.has(migration.name) && !isBlank(migration))
  const renamed = renamedOf(known, pending, applied)
  if (renamed.length > 0) {
    throw new Error(
      `Migrations of ${module} were renamed after they had been applied: ${renamed.join(", ")}. ` +
        `Give them those names back. One that is to do the same once more says so in a comment.`,
    )
  }
  const lastApplied = known.findLast(({ name }) => applied.has(name))?.name ?? ""
  const tooLate = pending.filter(({ name }) => name < lastApplied)
  if (tooLate.length === 0) return pending
  throw new Error(
    `Migrations of ${module} come before ${lastApplied}, which is applied already: ${namesOf(tooLate)}. Give them higher numbers.`,
  )
}

const comment = /--.*|\/\*[^]*?\*\//g

function isBlank({ text }: Migration): boolean {
  return text.replaceAll(comment, "").trim() === ""
}

// It would be applied a second time. A newer version has other texts.
function renamedOf(known: readonly Migration[], pending: readonly Migration[], applied: ReadonlyMap<string, string>): readonly string[] {
  const names = new Set(known.map(({ name }) => name))
  const unknown = new Map([...applied].filter(([name]) => !names.has(name)).map(([name, checksum]) => [checksum, name]))
  return pending.flatMap((migration) => {
    const before = unknown.get(checksumOf(migration))
    return before === undefined ? [] : [`${migration.name}, applied as ${before}`]
  })
}

function namesOf(migrations: readonly Migration[]): string {
  return migrations.map(({ name }) => name).join(", ")
}

async function listed(folder: URL): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    // Of what was compiled or bundled, `import.meta.url` leads elsewhere.
    throw new Error(`The folder of migrations ${folder.pathname} cannot be read (a compiled module needs it copied there)`, { cause })
  }
}
