import { Fault, isFault } from "@hanok/contract"

/** An error that PostgreSQL itself has answered with. */
export interface DatabaseError extends Error {
  /** Five characters, from appendix A of PostgreSQL's manual. */
  readonly code: string
  readonly severity: string
  readonly constraint?: string
  /** Of the server's code, which tells apart what has one code, in whatever language its message is. */
  readonly routine?: string
}

export function isDatabaseError(error: unknown, code?: string): error is DatabaseError {
  if (!(error instanceof Error) || !("severity" in error) || !("code" in error)) return false
  return code === undefined || error.code === code
}

/** The password or the role is not (or no longer) what the server knows. */
function isRejectedLogin(error: unknown): boolean {
  return isDatabaseError(error) && (error.code === "28P01" || error.code === "28000")
}

/**
 * Somebody at the other end let the role not in, and it may help to make it anew: the server, which does not know its password or gives
 * it no right to connect, or a pooler before it, whose errors have codes of their own.
 */
export function isNotLetIn(error: unknown): error is DatabaseError {
  return isDatabaseError(error) && !/^5[37]/.test(error.code)
}

/** What a repetition of the transaction may well get past: serialization_failure, deadlock_detected, a stale plan. */
export function isConflict(error: unknown): boolean {
  return isDatabaseError(error) && (error.code === "40001" || error.code === "40P01" || isStalePlan(error))
}

/** A prepared statement whose columns a migration has changed; another connection prepares it anew. */
export function isStalePlan(error: unknown): boolean {
  return isDatabaseError(error, "0A000") && error.routine === "RevalidateCachedQuery"
}

/** A statement that we have prepared is not there, or one is there that we have not. */
function isOthersStatement({ code, message }: DatabaseError): boolean {
  return (code === "26000" || code === "42P05") && message.includes("hanok_")
}

/** The server at the other end takes no changes: since a failover it follows another, to which a new connection may well lead. */
export function isReadOnly(error: unknown): boolean {
  return isDatabaseError(error, "25006")
}

/** A statement waited for a lock longer than `lock_timeout` allows; who asks not to wait (`nowait`) gets the same code. */
export function isLockTimeout(error: unknown): boolean {
  return isDatabaseError(error, "55P03") && error.routine === "ProcessInterrupts"
}

/** The locks of all transactions together have one table; its size counts with the memory that the server has from its start. */
function isLocksFull(error: DatabaseError): boolean {
  return error.code === "53200" && error.routine === "LockAcquireExtended"
}

/** What ends a statement, an idle transaction, a transaction as a whole: limits that we set, or shorter ones of the server's. */
const timeLimits: ReadonlySet<string> = new Set(["57014", "25P03", "25P04"])

/** The connection has gone, or never was: the server did not say how the last statement ended. */
export function isConnectionLoss(error: unknown): boolean {
  if (isDatabaseError(error)) return error.code.startsWith("08") || /^57P0[1-5]$/.test(error.code)
  if (!(error instanceof Error)) return false
  // One for each address of a name.
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss)
  // Errors of the system (ECONNREFUSED, ETIMEDOUT) have a `syscall`, those of TLS a code of their own; the others are texts of pg and pg-pool.
  return (
    "syscall" in error ||
    ("code" in error && /^ERR_(?:SSL|TLS)_/.test(String(error.code))) ||
    /^(Connection terminated|Client has encountered|Client was closed|The server|Cannot use a pool)/.test(error.message)
  )
}

/**
 * What a caller gets: a `Fault` for what is the database's or the network's doing; any other error as it is,
 * such as a violated constraint, which is for the module to handle.
 */
export function faultOf(error: unknown, server: string): unknown {
  if (isFault(error)) return error
  if (isDatabaseError(error) && timeLimits.has(error.code)) {
    return new Fault("DEADLINE_EXCEEDED", `PostgreSQL at ${server} ended a statement or its transaction: ${error.message}.`, {
      cause: error,
    })
  }
  if (isLockTimeout(error)) {
    return new Fault("OVERLOADED", `PostgreSQL at ${server} gave a lock to others for too long: ${messageOf(error)}. Nothing was kept.`, {
      cause: error,
      retryAfterMs: 1_000,
      hint: "Look for the transaction that holds it (pg_blocking_pids), or set lock_timeout higher for the database or the role.",
    })
  }
  if (isDatabaseError(error, "53300")) {
    return new Fault("OVERLOADED", `PostgreSQL at ${server} has no connection left: ${error.message}.`, {
      cause: error,
      retryAfterMs: 1_000,
      hint: "Raise its max_connections, or lower poolSize or the number of replicas.",
    })
  }
  if (isDatabaseError(error) && error.code.startsWith("53")) {
    return new Fault("UNAVAILABLE", `PostgreSQL at ${server} has no room left: ${error.message}. Nothing was kept.`, {
      cause: error,
      retryAfterMs: 1_000,
      hint: isLocksFull(error) ? locksHint : "Give its disk or its memory more room; it goes on by itself then.",
    })
  }
  if (isReadOnly(error)) return takesNoChanges(server, messageOf(error), error)
  if (isDatabaseError(error) && isOthersStatement(error)) {
    return new Fault("INTERNAL", `PostgreSQL at ${server} is reached by connections that others have, too: ${error.message}.`, {
      cause: error,
      hint: "A pooler gives each transaction another connection. Have it keep one for each client (session mode), or connect directly.",
    })
  }
  return isConnectionLoss(error) || isRejectedLogin(error) ? unreachable(error, server) : error
}

/** The server follows another, or is set to be read only. */
export function takesNoChanges(server: string, why: string, cause?: unknown): Fault {
  const message = `PostgreSQL at ${server} takes no changes, as one that follows another: ${why}. Nothing was kept.`
  return new Fault("UNAVAILABLE", message, { cause, retryAfterMs: 500 })
}

/** The same for an error of connecting, which is never the module's to handle: a wrong certificate, a right that is missing. */
export function connectFaultOf(error: unknown, server: string): unknown {
  const fault = faultOf(error, server)
  return isFault(fault) ? fault : unreachable(error, server)
}

function unreachable(error: unknown, server: string): Fault {
  return new Fault("UNAVAILABLE", `PostgreSQL at ${server} cannot be reached: ${messageOf(error)}.`, {
    cause: error,
    retryAfterMs: 500,
    hint: isUntrusted(error) ? trustHint : undefined,
  })
}

const locksHint =
  "A transaction locks each table and index that it touches, so each partition of a large table: touch fewer of them, or raise max_locks_per_transaction."

const trustHint =
  "Look at the certificate's name and dates; if its authority is one of your own, name it in DATABASE_URL: sslrootcert=/its/file."

// Codes of OpenSSL for what is wrong with a certificate, as Node has them, and Node's own for its name.
function isUntrusted(error: unknown): boolean {
  return error instanceof Error && "code" in error && /CERT|^UNABLE_TO_VERIFY/.test(String(error.code))
}

// When a name has several addresses, Node reports one error that holds the others and says nothing itself.
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ")
  return error instanceof Error ? error.message : String(error)
}
