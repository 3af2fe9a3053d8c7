/** What has been opened and can be closed. */
export interface Closeable {
  close(): Promise<void>
}

/** Opens all at once. When one fails, those that did open are closed again, and the first failure is thrown. */
export async function openAll<T extends Closeable>(openings: readonly Promise<T>[]): Promise<readonly T[]> {
  const outcomes = await Promise.allSettled(openings)
  const opened = outcomes.filter((outcome) => outcome.status === "fulfilled").map(({ value }) => value)
  const failed = outcomes.find((outcome) => outcome.status === "rejected")
  if (!failed) return opened
  await closeAll(opened)
  throw failed.reason
}

export async function closeAll(opened: readonly Closeable[]): Promise<void> {
  await Promise.allSettled(opened.map((one) => one.close()))
}
