/** An amount for people to read: `1,234.50`. */
export function inWords(cents: number): string {
  return (cents / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
