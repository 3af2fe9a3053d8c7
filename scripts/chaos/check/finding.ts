/** What must be 0 of everything. */
const measures = ["orders_lost", "orders_doubled", "money_off_cents", "stock_off", "events_lost", "events_doubled", "coupons_off"] as const
export type Measure = (typeof measures)[number]

/** A promise that was not kept. */
export interface Finding {
  readonly measure: Measure
  /** Orders, cents, pieces, events or coupons. */
  readonly amount: number
  readonly what: string
}

export type Tally = Readonly<Record<Measure, number>>

export function tallyOf(findings: readonly Finding[]): Tally {
  const sum = (measure: Measure) =>
    findings.filter((finding) => finding.measure === measure).reduce((total, { amount }) => total + amount, 0)
  return Object.fromEntries(measures.map((measure) => [measure, sum(measure)])) as Record<Measure, number>
}

export function grouped<T>(list: readonly T[], keyOf: (one: T) => string): (key: string) => readonly T[] {
  const groups = Map.groupBy(list, keyOf)
  return (key) => groups.get(key) ?? []
}
