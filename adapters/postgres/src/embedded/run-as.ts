import { execFile } from "node:child_process"
import { chown, mkdtemp, readdir, rm, lchown, stat } from "node:fs/promises"
import { userInfo } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** As which user PostgreSQL runs. */
export interface RunAs {
  /** Who has to own its folder; `undefined` when that is who we are. */
  readonly owner: Owner | undefined
  /** What stands before the command. */
  readonly prefix: readonly string[]
}

interface Owner {
  readonly uid: number
  readonly gid: number
}

const nobody: Owner = { uid: 65_534, gid: 65_534 }

/** In a user namespace in which we are `nobody`. */
const asNobody = ["unshare", "--user", `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`] as const

/**
 * PostgreSQL refuses to run as root. When we are root it runs as another user: the one who owns the data already, or `nobody`,
 * with the capability to pass through folders closed to that user, as under /root. Where capabilities are not ours to give,
 * it runs in a user namespace. The first way that works in `folder` is taken. It makes no new data for a user whom the system knows
 * no name of, as in a container that runs under a number: then there is only the namespace.
 */
export async function findRunAs(folder: string, existingData: string, program: string): Promise<RunAs> {
  const isRoot = process.getuid?.() === 0
  const existing = await stat(existingData).catch(() => undefined)
  if (!isRoot && (existing || hasName())) return { owner: undefined, prefix: [] }
  const candidates = isRoot ? candidatesFor(ownerOf(existing)) : [{ owner: undefined, prefix: asNobody }]
  const troubles: string[] = []
  for (const candidate of candidates) {
    const trouble = await tryOut(candidate, folder, program)
    if (trouble === undefined) return candidate
    troubles.push(`${candidate.prefix.join(" ")}: ${trouble}`)
  }
  const what = isRoot ? "as root" : `as user ${process.getuid?.()}, who has no name in /etc/passwd`
  const hint = "Start as an ordinary user, or set DATABASE_URL to a server of your own."
  throw new Error(`PostgreSQL does not run ${what}, and no way was found to run it as another user. ${hint}\n${troubles.join("\n")}`)
}

function hasName(): boolean {
  try {
    return userInfo().username !== ""
  } catch {
    return false
  }
}

function ownerOf(existing: Owner | undefined): Owner {
  return existing && existing.uid !== 0 ? { uid: existing.uid, gid: existing.gid } : nobody
}

/** Gives the folder and all in it to who has to own it. */
export async function giveTo({ owner }: RunAs, path: string): Promise<void> {
  const now = await stat(path)
  if (!owner || now.uid === owner.uid) return
  const inside = now.isDirectory() ? await readdir(path, { recursive: true }) : []
  await Promise.all(inside.map((name) => lchown(join(path, name), owner.uid, owner.gid)))
  await chown(path, owner.uid, owner.gid)
}

function candidatesFor(owner: Owner): readonly RunAs[] {
  const other = ["setpriv", `--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"]
  const withCapability = (name: string) => ({ owner, prefix: [...other, `--inh-caps=-all,+${name}`, `--ambient-caps=-all,+${name}`] })
  return [
    { owner, prefix: other },
    withCapability("dac_read_search"),
    withCapability("dac_override"),
    { owner: { uid: 0, gid: 0 }, prefix: asNobody },
  ]
}

async function tryOut(candidate: RunAs, folder: string, program: string): Promise<string | undefined> {
  const place = await mkdtemp(join(folder, ".try-"))
  try {
    await giveTo(candidate, place)
    const [command = "", ...words] = [...candidate.prefix, "/bin/sh", "-c", 'cd "$1" && : >written && exec "$2" --version', "sh"]
    await execute(command, [...words, place, program], { timeout: 10_000, cwd: "/" })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error)
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}
