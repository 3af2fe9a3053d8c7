/** One figure of a measurement. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
}
