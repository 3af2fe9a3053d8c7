import { Fault } from "@hanok/contract"
import type { Event, Issue } from "@hanok/contract"
import type { CallContext } from "../context/call-context.ts"
import type { OncePerKey } from "../host/once-per-key.ts"
import { createParser } from "../parse/index.ts"
import { issuesText } from "../seam/boundary.ts"

/** What a module does about an event of another. */
export type ReactionRun = (payload: unknown, context: CallContext) => Promise<void>

/** Parses the payload and applies the reaction once for the context's key, which names event and subscriber. */
export function createReactionRun(name: string, event: Event, react: ReactionRun, once: OncePerKey): ReactionRun {
  const invalid = (issues: readonly Issue[]) =>
    new Fault("INVALID_INPUT", `The payload of ${name} is not valid: ${issuesText(issues)}.`, { issues })
  const parse = createParser(event.payload, invalid)
  return async (value, context) => {
    const parsed = parse(value)
    const { idempotencyKey: key, scope } = context
    if (key === undefined) throw new Fault("INTERNAL", `The event ${name} came without its id.`)
    await once.run({
      contract: name,
      operation: "reaction",
      key,
      fingerprint: "",
      scope,
      context,
      run: () => react(parsed, context),
    })
  }
}
