import { command, defineContract, event, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Id } from "../../kernel/id.ts"
import { text } from "../../kernel/text.ts"

/** A seller. Only one that is enabled sells. */
export const Partner = z
  .object({ partnerId: Id, ownerId: Id, name: text(100), businessNumber: z.string(), state: z.enum(["REGISTERED", "ENABLED", "DISABLED"]) })
  .meta({ title: "Partner" })
export type Partner = z.infer<typeof Partner>

const PublicPartner = Partner.omit({ ownerId: true, businessNumber: true }).meta({ title: "PublicPartner" })
const notFound = { PARTNER_NOT_FOUND: refusal(z.object({}), { status: 404 }) }
const Changed = z.object({ partnerId: Id, ownerId: Id })

export const partnerContract = defineContract("partner", {
  registerPartner: command({
    summary: "Registers the caller as a seller; selling begins when an admin has enabled it.",
    input: z.object({ name: text(100), businessNumber: z.string().regex(/^[0-9]{3}-[0-9]{2}-[0-9]{5}$/) }),
    output: Partner,
    refusals: { ALREADY_A_PARTNER: z.object({ partnerId: Id }) },
    http: "POST /partners",
  }),
  /** Safe to repeat. */
  enablePartner: command({
    summary: "Lets a partner sell.",
    input: z.object({ partnerId: Id }),
    output: Partner,
    refusals: notFound,
    http: "POST /partners/{partnerId}/enable",
    access: { anyOf: ["admin"] },
  }),
  /** Safe to repeat. */
  disablePartner: command({
    summary: "Lets a partner sell no more: the sales of all its items end.",
    input: z.object({ partnerId: Id }),
    output: Partner,
    refusals: notFound,
    http: "POST /partners/{partnerId}/disable",
    access: { anyOf: ["admin"] },
  }),
  partnerById: query({
    summary: "A partner, as everybody may see it.",
    input: z.object({ partnerId: Id }),
    output: PublicPartner,
    refusals: notFound,
    http: "GET /partners/{partnerId}",
    access: "public",
    priority: "low",
  }),
  partnerOfOwner: query({
    summary: "The partner that somebody acts for, for other modules.",
    input: z.object({ ownerId: Id }),
    output: Partner,
    refusals: notFound,
  }),
  /** In no particular order; unknown ones are left out. */
  partnersByIds: query({
    summary: "Many partners at once, for other modules.",
    input: z.object({ partnerIds: z.array(Id).max(100) }),
    output: z.array(Partner),
  }),
  partnerEnabled: event(Changed, { orderedBy: "partnerId", summary: "A partner may sell." }),
  partnerDisabled: event(Changed, { orderedBy: "partnerId", summary: "A partner may no longer sell." }),
})
