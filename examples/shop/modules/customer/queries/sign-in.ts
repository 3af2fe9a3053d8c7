import { secondsAfter, timeOf } from "../../../kernel/clock.ts"
import { isPassword } from "../password.ts"
import type { CustomerHandler } from "../ports.ts"

const signedInSeconds = 12 * 3600

export const signIn: CustomerHandler<"signIn"> =
  ({ store, tokens, clock }) =>
  async ({ email, password }, context) => {
    const account = await store.read(context).accountByEmail(email)
    if (!(await isPassword(password, account?.passwordHash)) || !account) throw context.refusal("WRONG_CREDENTIALS", {})
    const { customerId, roles } = account
    const token = await tokens.issue({ subject: customerId, roles }, signedInSeconds)
    return { customerId, roles, token, expiresAt: secondsAfter(timeOf(clock), signedInSeconds) }
  }
