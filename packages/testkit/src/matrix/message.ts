import type { Address } from "@hanok/runtime"

/** What the test's process tells a service's process: where everybody is. Its end of the channel closing means: stop. */
export interface ToService {
  readonly addresses: Readonly<Record<string, Address>>
}

/** What a service's process tells, once: that it serves, or why it does not. */
export type FromService = { readonly serves: Address } | { readonly failed: string }
