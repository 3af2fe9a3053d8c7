import { setTimeout as sleep } from "node:timers/promises"

export interface UntilOptions {
  /** How long to go on looking, in milliseconds; 5000 when not given. */
  readonly withinMs?: number
  /** What is waited for, for the message when it does not come. */
  readonly what?: string
}

const pauseMs = 10

/**
 * Looks again and again until it sees something that is not `undefined`, `null` or `false`, and gives that back.
 * A look that fails counts as one that sees nothing; the last failure is the cause of the error when the time is up.
 */
export async function until<T>(look: () => T | Promise<T>, options: UntilOptions = {}): Promise<Exclude<T, undefined | null | false>> {
  const withinMs = options.withinMs ?? 5000
  const end = performance.now() + withinMs
  for (;;) {
    const seen = await attempt(look)
    if (isThere(seen.value)) return seen.value
    if (performance.now() >= end) throw new Error(messageOf(options.what ?? "what was waited for", withinMs, seen), { cause: seen.error })
    await sleep(pauseMs)
  }
}

interface Seen<T> {
  readonly value?: T
  readonly error?: unknown
}

async function attempt<T>(look: () => T | Promise<T>): Promise<Seen<T>> {
  try {
    return { value: await look() }
  } catch (error) {
    return { error }
  }
}

function isThere<T>(value: T): value is Exclude<T, undefined | null | false> {
  return value !== undefined && value !== null && value !== false
}

function messageOf(what: string, withinMs: number, seen: Seen<unknown>): string {
  if (seen.error === undefined) return `Waited ${withinMs} ms for ${what}; it did not come.`
  return `Waited ${withinMs} ms for ${what}; the last look failed: ${seen.error instanceof Error ? seen.error.message : String(seen.error)}`
}
