import { setTimeout as sleep } from "node:timers/promises"
import { changedContract } from "../shop/version.ts"
import type { Version } from "../shop/version.ts"
import type { Fault, Site } from "./fault.ts"
import { signal } from "./signals.ts"

/** A service that was deployed alone, with a contract that has grown: callers of the version before get on with it. */
export const newerVersion: Fault = {
  name: "newer-version",
  async inflict(site) {
    const code = await during(site, "newer", () =>
      site.probe.recovery(changedContract).then((ms) => (ms === undefined ? "NONE" : undefined)),
    )
    return {
      target: changedContract,
      recoveryMs: null,
      wrong: code === undefined ? [] : [`a newer ${changedContract} is answered with ${code}`],
    }
  },
}

/** The same with a contract that callers do not fit any more: it is refused with the reason, instead of failing in the middle. */
export const incompatibleVersion: Fault = {
  name: "incompatible-version",
  async inflict(site) {
    const seen = await during(site, "incompatible", () => refusal(site))
    const isRefused = seen === "INCOMPATIBLE_CONTRACT"
    return {
      target: changedContract,
      recoveryMs: (await site.probe.recovery(changedContract)) ?? null,
      notes: { answer: seen ?? "none" },
      wrong: isRefused ? [] : [`an incompatible ${changedContract} is answered with ${seen ?? "what was asked for"}`],
    }
  },
}

const refusedMs = 8_000

// While the process starts there is no answer; then there is to be one, and always the same.
async function refusal({ probe }: Site): Promise<string | undefined> {
  const until = performance.now() + refusedMs
  for (;;) {
    const code = await probe.once(changedContract)
    if (code === "INCOMPATIBLE_CONTRACT" || code === undefined || performance.now() > until) return code
    await sleep(50)
  }
}

async function during<T>(site: Site, version: Version, look: () => Promise<T>): Promise<T> {
  await restartIn(site, version)
  try {
    const seen = await look()
    await sleep(1_500 * site.brevity)
    return seen
  } finally {
    await restartIn(site, "usual")
    await site.probe.recovery(changedContract)
  }
}

async function restartIn(site: Site, version: Version): Promise<void> {
  await site.shop.startsNext(version)
  try {
    endSpare(site)
    await replaced(site, version)
  } finally {
    // Only the one that was asked for.
    await site.shop.startsNext("usual")
    endSpare(site)
  }
}

// Processes that stand by have been started earlier, so they are of another version.
function endSpare({ shop }: Site): void {
  for (const pid of shop.processes.spare()) signal(pid, "SIGKILL")
}

/** Kills what runs the service until a process of that version has taken its place: one that stood by may be of another. */
async function replaced({ shop }: Site, version: Version): Promise<void> {
  const until = performance.now() + restartMs
  while (performance.now() < until) {
    const running = shop.processes.of(changedContract)
    if (running.some((instance) => instance.version === version)) return
    for (const { pid } of running) signal(pid, "SIGKILL")
    await sleep(20)
  }
}

const restartMs = 10_000
