/** One statement outside of any call's context; resolves to its rows. Rejects with a `Fault` when the database cannot be reached. */
export type Ask = (text: string, values: readonly unknown[]) => Promise<readonly Readonly<Record<string, unknown>>[]>

/** Among what a statement selects from: its commit is waited for neither on the disk nor by a standby. For what is done again when it is lost. */
export const quickly = "(select set_config('synchronous_commit', 'off', true)) as quickly"
