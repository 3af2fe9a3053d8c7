import type { Row } from "./row.ts"

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The row of the rounds' values. */
export function rowOf(name: string, unit: string, values: readonly number[]): Row {
  return { name, value: rounded(median(values)), unit, min: rounded(Math.min(...values)), max: rounded(Math.max(...values)) }
}

/** Each round's value over the same round's value of another: what disturbs a round disturbs both. */
export function ratios(values: readonly number[], others: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (others[round] ?? Number.NaN))
}

/** In an order of its own for each round, so that no contender always follows the same one. */
export function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  return items
    .map((item) => ({ item, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
