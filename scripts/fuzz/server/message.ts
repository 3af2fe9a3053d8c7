export interface Memory {
  /** What the process occupies. */
  readonly rssBytes: number
  /** What of it is in use, after what is not was collected. */
  readonly heapBytes: number
}

export type ToServer = "memory"

export type FromServer =
  | { readonly kind: "ready"; readonly gatewayUrl: string; readonly seamPort: number }
  | ({ readonly kind: "memory" } & Memory)
