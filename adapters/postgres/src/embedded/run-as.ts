import { execFile } from "node:child_process"
import { chown, mkdtemp, readdir, rm, lchown, stat } from "node:fs/promises"
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

/**
 * PostgreSQL refuses to run as root. When we are root it runs as another user: the one who owns the data already, or `nobody`,
 * with the capability to pass through folders closed to that user, as under /root. Where capabilities are not ours to give,
 * it runs in a user namespace in which we are `nobody`. The first way that works in `folder` is taken.
 */
export async function findRunAs(folder: string, existingData: string, program: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { owner: undefined, prefix: [] }
  const existing = await stat(existingData).catch(() => undefined)
  const owner = existing && existing.uid !== 0 ? { uid: existing.uid, gid: existing.gid } : nobody
  const troubles: string[] = []
  for (const candidate of candidatesFor(owner)) {
    const trouble = await tryOut(candidate, folder, program)
    if (trouble === undefined) return candidate
    troubles.push(`${candidate.prefix.join(" ")}: ${trouble}`)
  }
  const hint = "Start as an ordinary user, or set DATABASE_URL to a server of your own."
  throw new Error(`PostgreSQL does not run as root, and no way was found to run it as another user. ${hint}\n${troubles.join("\n")}`)
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
    { owner: { uid: 0, gid: 0 }, prefix: ["unshare", "--user", `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`] },
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
