/** Why the store cannot be opened. */
const storeErrors = {
  STORE_LOCKED: "Stop the other process, or give this one a folder of its own.",
  STORE_BROKEN: "Move the file away, or delete the file to begin anew: it holds nothing but telemetry.",
  STORE_OUT_OF_REACH: "Give a folder in which this user may make and write files, and where there is room for them.",
} as const

export type StoreErrorCode = keyof typeof storeErrors

/** The message says what happened and what to do about it. */
export class StoreError extends Error {
  override readonly name = "StoreError"
  readonly code: StoreErrorCode
  readonly hint: string

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(`${message} ${storeErrors[code]}`, { cause })
    this.code = code
    this.hint = storeErrors[code]
  }
}
