const RealDate = Date
let shiftMs = 0

/** Makes the clock of this process go that much ahead of the real one; behind it when negative. Timers go on as they were. */
export function shiftClock(ms: number): void {
  shiftMs = ms
  globalThis.Date = Shifted as DateConstructor
}

const now = () => RealDate.now() + shiftMs

// A function and not a class, since `Date()` is called, too; what was made before is an instance of it as well.
const Shifted: unknown = Object.assign(
  function Shifted(...from: readonly unknown[]): Date | string {
    if (!new.target) return new RealDate(now()).toString()
    // Whatever the real one takes.
    return from.length === 0 ? new RealDate(now()) : Reflect.construct(RealDate, from)
  },
  { now, parse: RealDate.parse, UTC: RealDate.UTC, prototype: RealDate.prototype },
)
