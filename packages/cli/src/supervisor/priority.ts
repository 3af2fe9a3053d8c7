import { constants, getPriority, setPriority } from "node:os"

/** A third of the weight that a process has while it starts. */
const niceWhenServing = 5

/** Makes this process one of those that serve: those that start go before them, where the processors are busy. */
export function becomeUsual(): void {
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + niceWhenServing))
  } catch {
    // Where the system is not to be asked for that, as in a hardened unit or container, all go alike.
  }
}
