import { isIP } from "node:net"

/** Whether what is listened on is reached from this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.")
}

/**
 * Whether a `Host` header has a name that nobody outside can give to this machine: an address, `localhost`, or one that is kept for
 * private use, such as `host.docker.internal`. A web page whose own name has been made to lead here (DNS rebinding) asks by that name.
 */
export function isOwnName(header = ""): boolean {
  const name = header.replace(/:\d*$/, "").replace(/\.$/, "").toLowerCase()
  return isIP(name.replace(/^\[(.*)\]$/, "$1")) > 0 || /^(|(.+\.)?localhost|.+\.internal)$/.test(name)
}
