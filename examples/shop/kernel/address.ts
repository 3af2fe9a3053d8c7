import { z } from "zod"
import { Phone, text } from "./text.ts"

/** Where, and to whom, something is delivered. */
export const Address = z
  .object({ recipient: text(100), phone: Phone, postalCode: z.string().regex(/^[0-9]{5}$/), street: text(200), detail: text(200) })
  .meta({ title: "Address" })

export type Address = z.infer<typeof Address>
