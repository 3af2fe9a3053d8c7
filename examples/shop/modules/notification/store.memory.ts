import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import { pagedList, takePage } from "../../kernel/page.memory.ts"
import type { NotificationReads, NotificationStore, NotificationWrites, StoredMessage } from "./store.ts"

const tables = () => ({
  messages: new MemoryTable<StoredMessage, "occasion" | "queued", "ofCustomer">(
    { occasion: ({ occasion }) => occasion, queued: ({ state }) => (state === "QUEUED" ? state : undefined) },
    {
      ofCustomer: pagedList(
        ({ customerId }) => customerId,
        ({ createdAt, messageId }) => ({ at: createdAt, id: messageId }),
      ),
    },
  ),
})
type Tables = ReturnType<typeof tables>

export const notificationStoreInMemory: Adapter<NotificationStore> = memoryStore<Tables, NotificationReads, NotificationWrites>({
  tables,
  read: ({ messages }) => ({
    messagesOf: async (customerId, page) => takePage(messages, "ofCustomer", customerId, page),
    queued: async (limit) => messages.by("queued", "QUEUED", limit),
  }),
  write: ({ messages }, changes) => ({
    async insertMessage(message) {
      if (messages.by("occasion", message.occasion).length === 0) changes.put(messages, message.messageId, message)
    },
    async markSent(messageIds, sentAt) {
      const sent = messageIds.map((id) => messages.get(id)).filter((message) => message !== undefined)
      for (const message of sent) changes.put(messages, message.messageId, { ...message, state: "SENT", sentAt })
    },
  }),
})
