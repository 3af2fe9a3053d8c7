/** This version knows nothing of the reaction for which an event is: it is for a relay of the version that has emitted it. */
export class UnknownReaction extends Error {
  constructor(cause: Error) {
    super(`The event was emitted by another version: ${cause.message}`, { cause })
  }
}
