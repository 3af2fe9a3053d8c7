import { measureWindow } from "./measure-window.ts"
import type { Target, WindowTools } from "./measure-window.ts"
import { closedLoops } from "./plan.ts"
import type { Plan } from "./plan.ts"

/** Less than that from one window to the next is the machine's own unrest. */
const noticeable = 1.03
/** Windows in a row that bring nothing. */
const enough = 4

/**
 * In a window. The quickest would otherwise have ten times the orders of the slowest in its memory afterwards, and collecting garbage
 * among them would take its time from what is measured.
 */
const mostActions = 15_000

/** Puts a shop under as much load as it bears until it gets no quicker: by then what is called often is compiled, as it is after a day. */
export async function warmUp(target: Target, tools: WindowTools, { warmUpWindows, windowSeconds }: Plan): Promise<void> {
  let best = 0
  let inVain = 0
  for (let window = 1; window <= warmUpWindows && inVain < enough; window++) {
    const { requests, seconds } = await measureWindow(target, window, tools, {
      seconds: windowSeconds,
      actionsPerSecond: undefined,
      customers: closedLoops,
      mostActions,
    })
    inVain = requests / seconds > best * noticeable ? 0 : inVain + 1
    best = Math.max(best, requests / seconds)
  }
}
