/** What all lines cost together, in cents. */
export function subtotalOf(lines: readonly { readonly quantity: number; readonly unitPriceCents: number }[]): number {
  return lines.reduce((sum, { quantity, unitPriceCents }) => sum + quantity * unitPriceCents, 0)
}
