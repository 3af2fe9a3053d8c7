/** How it is on the line to a process. */
export interface Weather {
  /** Nothing comes through, and nothing is lost: it comes when the line is mended. */
  readonly cut: boolean
  /** Added in each direction. */
  readonly delayMs: number
  /** The part of the packets, from 0 to 1, that have to be sent again; at times a connection breaks over it. */
  readonly lossShare: number
}

export const fair: Weather = { cut: false, delayMs: 0, lossShare: 0 }

export type ToNetwork =
  | { readonly kind: "open"; readonly id: number; readonly port: number }
  | { readonly kind: "weather"; readonly id: number; readonly weather: Weather }
  | { readonly kind: "close"; readonly id: number }

export interface FromNetwork {
  readonly kind: "opened"
  readonly id: number
  readonly port: number
}
