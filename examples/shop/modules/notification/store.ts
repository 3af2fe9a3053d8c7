import type { Store } from "@hanok/contract"
import type { Page } from "../../kernel/page.ts"
import type { Message } from "./contract.ts"

/** A message as it is kept. */
export interface StoredMessage extends Message {
  /** The customer whom it concerns. */
  readonly customerId: string
  /** What it was written for; nobody is told twice of the same. */
  readonly occasion: string
  /** From when on it is to be sent: since it was written, or since it could not be sent. */
  readonly dueAt: string
}

export interface NotificationReads {
  /** Newest first. */
  messagesOf(customerId: string, page: Page): Promise<readonly StoredMessage[]>
  /** Those that have been due the longest first. */
  queued(limit: number): Promise<readonly StoredMessage[]>
}

export interface NotificationWrites {
  /** Does nothing when there is a message for the same occasion. */
  insertMessage(message: StoredMessage): Promise<void>
  markSent(messageIds: readonly string[], sentAt: string): Promise<void>
  /** To the end of the line. */
  postpone(messageIds: readonly string[], dueAt: string): Promise<void>
}

export type NotificationStore = Store<NotificationReads, NotificationWrites>
