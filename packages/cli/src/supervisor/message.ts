import type { Address } from "@hanok/runtime"

/** What a supervised process tells its supervisor. */
export type FromService =
  | { readonly kind: "listening"; readonly seam: Address; readonly gatewayUrl: string | undefined }
  | { readonly kind: "ready" }
  | { readonly kind: "waiting"; readonly for: readonly string[] }
  | { readonly kind: "seeded"; readonly result: unknown }
  | { readonly kind: "failed"; readonly message: string; readonly hint: string }

/** What a supervisor tells the processes of a topology. */
export type ToService =
  | { readonly kind: "addresses"; readonly addresses: Readonly<Record<string, readonly Address[]>> }
  | { readonly kind: "seed" }
