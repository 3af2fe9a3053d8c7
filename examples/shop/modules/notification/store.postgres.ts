import type { Adapter } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import type { Kysely, Selectable } from "@hanok/postgres"
import { behind } from "../../kernel/page.postgres.ts"
import type { OptionalTimestamp, Timestamp } from "../../kernel/timestamp.ts"
import type { NotificationReads, NotificationStore, NotificationWrites, StoredMessage } from "./store.ts"

interface NotificationTables {
  message: Omit<StoredMessage, "createdAt" | "dueAt" | "sentAt"> & { createdAt: Timestamp; dueAt: Timestamp; sentAt: OptionalTimestamp }
}

export const notificationStore: Adapter<NotificationStore> = postgres<NotificationTables, NotificationReads, NotificationWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: reads,
  write: writes,
})

function reads(db: Kysely<NotificationTables>): NotificationReads {
  const messages = db.selectFrom("message").selectAll()
  return {
    async messagesOf(customerId, page) {
      const own = messages.where("customerId", "=", customerId).orderBy("createdAt", "desc").orderBy("messageId", "desc").limit(page.limit)
      const part = page.after === undefined ? own : own.where(behind("createdAt", "messageId", page.after))
      return (await part.execute()).map(messageOf)
    },
    async queued(limit) {
      return (await messages.where("state", "=", "QUEUED").orderBy("dueAt").limit(limit).execute()).map(messageOf)
    },
  }
}

function writes(db: Kysely<NotificationTables>): NotificationWrites {
  return {
    async insertMessage(message) {
      await db
        .insertInto("message")
        .values(message)
        .onConflict((conflict) => conflict.column("occasion").doNothing())
        .execute()
    },
    async markSent(messageIds, sentAt) {
      await db.updateTable("message").set({ state: "SENT", sentAt }).where("messageId", "in", messageIds).execute()
    },
    async postpone(messageIds, dueAt) {
      await db.updateTable("message").set({ dueAt }).where("messageId", "in", messageIds).execute()
    },
  }
}

function messageOf(row: Selectable<NotificationTables["message"]>): StoredMessage {
  return { ...row, createdAt: row.createdAt.toISOString(), dueAt: row.dueAt.toISOString(), sentAt: row.sentAt && row.sentAt.toISOString() }
}
