import { execFile } from "node:child_process"
import { statfs } from "node:fs/promises"
import { promisify } from "node:util"

const execute = promisify(execFile)
const roomBytes = 8 * 1024 ** 3
const marginBytes = 128 * 1024
const triesToFill = 20

/** A disk of its own, which can be full. */
export interface SmallDisk {
  /** Leaves no room beyond what is used. */
  fill(): Promise<void>
  empty(): Promise<void>
  unmount(): Promise<void>
}

/** Mounts one in memory at the folder; `undefined` where we may not mount: only root may. */
export async function mountDisk(folder: string): Promise<SmallDisk | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined
  const mount = (...words: readonly string[]) => execute("mount", [...words, folder])
  const sized = (bytes: number) => mount("-o", `remount,size=${bytes}`)
  try {
    await mount("-t", "tmpfs", "-o", `size=${roomBytes},mode=0755`, "chaos")
  } catch {
    return undefined
  }
  return {
    async fill() {
      // Somebody may write between the question and the answer; then it does not fit any more.
      for (let tries = 1; ; tries++) {
        const { blocks, bfree, bsize } = await statfs(folder)
        const shrunk = await sized((blocks - bfree) * bsize + marginBytes).then(
          () => undefined,
          (error: unknown) => error,
        )
        if (shrunk === undefined) return
        if (tries === triesToFill) throw shrunk
      }
    },
    empty: async () => void (await sized(roomBytes)),
    unmount: async () => void (await execute("umount", ["-l", folder])),
  }
}
