import type { Scope, Waiter } from "./scope.ts"

/**
 * What the work comes to, or why the scope ended if that was first; the work may then go on, and nobody hears of it.
 * The scope is not ended by it.
 */
export function settledWithin<T>(scope: Scope, work: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiter: Waiter = { stop: reject }
    scope.add(waiter)
    work.then(
      (value) => {
        scope.delete(waiter)
        resolve(value)
      },
      (error: unknown) => {
        scope.delete(waiter)
        reject(error)
      },
    )
  })
}
