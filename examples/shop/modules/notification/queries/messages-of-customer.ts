import { nextCursor, pageOf } from "../../../kernel/page.ts"
import { subjectOf } from "../../../kernel/subject.ts"
import type { NotificationHandler } from "../ports.ts"

export const messagesOfCustomer: NotificationHandler<"messagesOfCustomer"> =
  ({ store }) =>
  async (input, context) => {
    const page = pageOf(input)
    const messages = await store.read(context).messagesOf(subjectOf(context), page)
    return {
      messages: [...messages],
      nextCursor: nextCursor(messages, page, ({ createdAt, messageId }) => ({ at: createdAt, id: messageId })),
    }
  }
