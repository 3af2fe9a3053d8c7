/** One statement outside of any call's context; resolves to its rows. Rejects with a `Fault` when the database cannot be reached. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>
