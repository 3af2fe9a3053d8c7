/** Where a replica of a service listens for calls. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Knows the replicas of one service, and says when they change. */
export interface AddressSource {
  /** Empty while none is known. */
  current(): readonly Address[]
  /** Calls back after each change. Returns how to stop. */
  onChange(listener: () => void): () => void
}

/** The addresses of all services; one of the ways to discover them stands behind it. */
export interface Discovery {
  addressesOf(service: string): AddressSource
  close(): void
}

export function addressText({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
}
