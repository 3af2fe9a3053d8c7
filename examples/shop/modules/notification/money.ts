const format = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** An amount for people to read: `1,234.50`. */
export function inWords(cents: number): string {
  return format.format(cents / 100)
}
