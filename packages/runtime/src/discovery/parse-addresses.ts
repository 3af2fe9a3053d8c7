import { isIP } from "node:net"
import { Fault } from "@hanok/contract"
import type { Address } from "./address.ts"
import type { DnsName } from "./dns.ts"

/** What `HANOK_ADDRESSES` says: replicas by address, and services whose replicas a DNS name resolves to. */
export interface ParsedAddresses {
  readonly fixed: Readonly<Record<string, readonly Address[]>>
  readonly names: Readonly<Record<string, DnsName>>
}

/**
 * Parses `inventory=10.0.0.1:7000,10.0.0.2:7000;order=dns:order.shop.svc:7000`.
 * Throws a `Fault` that quotes the part which is not understood.
 */
export function parseAddresses(text: string): ParsedAddresses {
  const fixed: Record<string, readonly Address[]> = {}
  const names: Record<string, DnsName> = {}
  for (const part of text.split(";").filter((entry) => entry.trim() !== "")) {
    const [service, list] = split(part)
    if (Object.hasOwn(fixed, service) || Object.hasOwn(names, service)) throw invalid(part, `names ${service} a second time`)
    if (list.startsWith("dns:")) names[service] = dnsName(list.slice(4), part)
    else fixed[service] = list.split(",").map((address) => parseAddress(address, part))
  }
  return { fixed, names }
}

function split(part: string): readonly [string, string] {
  const [, service, list] = /^([a-z][a-z0-9-]*)\s*=(.*)$/s.exec(part.trim()) ?? []
  if (service === undefined || list === undefined) throw invalid(part)
  return [service, list.trim()]
}

function dnsName(text: string, part: string): DnsName {
  const { host, port } = parseAddress(text, part)
  return { hostname: host, port }
}

function parseAddress(text: string, part: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined || port < 1 || port > 65_535) throw invalid(part)
  if (match?.[1] !== undefined && isIP(host) !== 6) throw invalid(part)
  return { host, port }
}

function invalid(part: string, why = "is not understood"): Fault {
  return new Fault("INVALID_INPUT", `HANOK_ADDRESSES: "${part.trim()}" ${why}.`, {
    hint: "Write service=host:port,host:port;service=dns:name:port.",
  })
}
