/** One thing at a time; whoever comes later waits. */
export class Turns {
  /** Resolves when all that has come until now has ended, however. */
  last: Promise<void> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work)
    this.last = result.then(nothing, nothing)
    return result
  }
}

function nothing(): void {}
