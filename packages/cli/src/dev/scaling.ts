import { CliError } from "../cli-error.ts"
import { defaultScaling } from "../supervisor/desired-replicas.ts"
import type { ScalingSettings } from "../supervisor/desired-replicas.ts"

type Env = Readonly<Record<string, string | undefined>>

/** How services are scaled, as the environment says. Throws a `CliError` that names what is not understood. */
export function scalingOf(env: Env): Omit<ScalingSettings, "min" | "max"> {
  return {
    ...defaultScaling,
    target: numberOf(env, "HANOK_SCALE_TARGET", defaultScaling.target, 0.05, 1),
    outAfterMs: numberOf(env, "HANOK_SCALE_OUT_AFTER_MS", defaultScaling.outAfterMs, 0, 3_600_000),
    inAfterMs: numberOf(env, "HANOK_SCALE_IN_AFTER_MS", defaultScaling.inAfterMs, 0, 3_600_000),
  }
}

function numberOf(env: Env, name: string, otherwise: number, least: number, most: number): number {
  const text = env[name]
  if (text === undefined || text === "") return otherwise
  const value = Number(text)
  if (value >= least && value <= most) return value
  throw new CliError(`${name} is "${text}".`, `It takes a number from ${least} to ${most}.`, 2)
}
