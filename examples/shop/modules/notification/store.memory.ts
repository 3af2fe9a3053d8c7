import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import { pagedList, takePage } from "../../kernel/page.memory.ts"
import type { NotificationReads, NotificationStore, NotificationWrites, StoredMessage } from "./store.ts"

const tables = () => ({
  messages: new MemoryTable<StoredMessage, "occasion", "ofCustomer" | "queued">(
    { occasion: ({ occasion }) => occasion },
    {
      ofCustomer: pagedList(
        ({ customerId }) => customerId,
        ({ createdAt, messageId }) => ({ at: createdAt, id: messageId }),
      ),
      queued: { key: ({ state }) => (state === "QUEUED" ? state : undefined), order: ({ dueAt }) => dueAt },
    },
  ),
})
type Tables = ReturnType<typeof tables>

/** Behind every time. */
const everAfter = "~"

export const notificationStoreInMemory: Adapter<NotificationStore> = memoryStore<Tables, NotificationReads, NotificationWrites>({
  tables,
  read: ({ messages }) => ({
    messagesOf: async (customerId, page) => takePage(messages, "ofCustomer", customerId, page),
    queued: async (limit) => messages.ascending("queued", "QUEUED", everAfter).take(limit).toArray(),
  }),
  write: ({ messages }, changes) => {
    async function change(messageIds: readonly string[], to: Partial<StoredMessage>): Promise<void> {
      const found = messageIds.map((id) => messages.get(id)).filter((message) => message !== undefined)
      for (const message of found) changes.put(messages, message.messageId, { ...message, ...to })
    }
    return {
      async insertMessage(message) {
        if (messages.by("occasion", message.occasion).length === 0) changes.put(messages, message.messageId, message)
      },
      markSent: (messageIds, sentAt) => change(messageIds, { state: "SENT", sentAt }),
      postpone: (messageIds, dueAt) => change(messageIds, { dueAt }),
    }
  },
})
