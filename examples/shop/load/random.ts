/** Chance that can be repeated: the same seed gives the same sequence. */
export interface Random {
  /** From 0 to 1, without 1. */
  next(): number
  /** Whole, from `least` to `most`, both included. */
  between(least: number, most: number): number
  chance(probability: number): boolean
  /** `undefined` of nothing. */
  pick<T>(list: readonly T[]): T | undefined
  /** One of the names, as often as its weight says. Weights are not negative, and one at least is not 0. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name
  /** As long as one waits for what comes by chance, `mean` on average. At most ten times that. */
  exponential(mean: number): number
  /** A sequence of its own, which the further use of this one does not change. */
  fork(number: number): Random
}

export function createRandom(seed: number): Random {
  const next = mulberry32(seed)
  const random: Random = {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)],
    weighted: (weights) => weighted(weights, next()),
    exponential: (mean) => Math.min(10, -Math.log(1 - next())) * mean,
    fork: (number) => createRandom(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) + Math.imul(number + 1, 0xc2b2ae35)),
  }
  return random
}

// By Tommy Ettinger, in the public domain: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function weighted<Name extends string>(weights: Readonly<Record<Name, number>>, chance: number): Name {
  // The keys of a record are its names.
  const entries = Object.entries(weights) as [Name, number][]
  let left = chance * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [name, weight] of entries) {
    left -= weight
    if (left < 0) return name
  }
  throw new Error("There is nothing to choose from: all weights are 0.")
}
