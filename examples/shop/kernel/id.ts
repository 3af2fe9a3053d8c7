import { z } from "zod"

const form = /^[A-Za-z0-9-]{1,64}$/

/** Identifies a thing of any module. */
export const Id = z.string().regex(form)

export function isId(text: string): boolean {
  return form.test(text)
}

/** Identifies what is sold and stocked: an item with one option chosen from each of its groups. */
export const Sku = z.string().regex(/^[A-Za-z0-9.-]{1,100}$/)
