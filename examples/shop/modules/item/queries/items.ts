import { nextCursor, pageOf } from "../../../kernel/page.ts"
import type { Page } from "../../../kernel/page.ts"
import { subjectOf } from "../../../kernel/subject.ts"
import type { ItemHandler } from "../ports.ts"
import type { StoredItem } from "../store.ts"

export const items: ItemHandler<"items"> =
  ({ store }) =>
  async (input, context) => {
    const page = pageOf(input)
    return pageOfItems(await store.read(context).itemsOnSale({ text: input.text, partnerId: input.partnerId }, page), page)
  }

export const itemsOfSeller: ItemHandler<"itemsOfSeller"> =
  ({ store }) =>
  async (input, context) => {
    const page = pageOf(input)
    return pageOfItems(await store.read(context).itemsOfSeller(subjectOf(context), page), page)
  }

function pageOfItems(found: readonly StoredItem[], page: Page) {
  return { items: [...found], nextCursor: nextCursor(found, page, ({ createdAt, itemId }) => ({ at: createdAt, id: itemId })) }
}
