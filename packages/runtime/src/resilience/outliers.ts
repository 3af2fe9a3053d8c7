/** What one replica did in the last ten seconds. */
export interface ReplicaSample {
  readonly calls: number
  readonly failures: number
  /** What its answers took, those that are no failures. */
  readonly typicalMs: number
  /** It is out of use already. */
  readonly isEjected: boolean
}

/** Fewer calls than these say too little for a comparison. */
export const fewestCalls = 10
const failureDistance = 0.3
const latencyFactor = 5
const latencyDistanceMs = 50

/**
 * Which replicas to take out of use, by index, the worst first: those whose share of failures or whose answers' latency is far off
 * the others'. What all have in common is no reason; nor is it to take longer than those that fail at once. With those ejected
 * already they are never more than half.
 */
export function outliersOf(samples: readonly ReplicaSample[]): readonly number[] {
  const room = Math.floor(samples.length / 2) - samples.filter(({ isEjected }) => isEjected).length
  if (room <= 0) return []
  const judged = samples.flatMap((sample, index) => (!sample.isEjected && sample.calls >= fewestCalls ? [{ ...sample, index }] : []))
  return judged
    .map((sample) => ({
      index: sample.index,
      badness: badnessOf(
        sample,
        judged.filter((other) => other.index !== sample.index),
      ),
    }))
    .filter(({ badness }) => badness > 0)
    .toSorted((a, b) => b.badness - a.badness)
    .slice(0, room)
    .map(({ index }) => index)
}

function badnessOf(sample: ReplicaSample, others: readonly ReplicaSample[]): number {
  if (others.length === 0) return 0
  const usualShare = median(others.map(shareOf))
  const fails = shareOf(sample) >= usualShare + failureDistance ? shareOf(sample) - usualShare : 0
  return fails + slownessOf(sample, others.filter(hasAnswered))
}

function slownessOf(sample: ReplicaSample, others: readonly ReplicaSample[]): number {
  if (!hasAnswered(sample) || others.length === 0) return 0
  const usualMs = median(others.map(({ typicalMs }) => typicalMs))
  const isSlow = sample.typicalMs >= usualMs * latencyFactor && sample.typicalMs >= usualMs + latencyDistanceMs
  return isSlow ? 1 - usualMs / sample.typicalMs : 0
}

function hasAnswered({ calls, failures }: ReplicaSample): boolean {
  return calls - failures >= fewestCalls
}

function shareOf({ calls, failures }: ReplicaSample): number {
  return failures / calls
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}
