import type { Version } from "./version.ts"

/** What a process of the shop tells those who inflict faults on it. */
export type FromProcess =
  | { readonly kind: "there"; readonly pid: number }
  | { readonly kind: "begin"; readonly service: string; readonly version: Version }
  /** It takes calls of other services at that port. */
  | { readonly kind: "started"; readonly port: number }

export type ToProcess =
  /** It is to be found at this port instead. */
  { readonly kind: "proxied"; readonly port: number } | { readonly kind: "clock"; readonly shiftMs: number }
