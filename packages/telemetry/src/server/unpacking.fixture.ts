// Sends twelve bodies at once, each of which unpacks to 24 MiB of nothing, to a server with a store in the folder given. Says how
// they were answered, and by how many megabytes the process was larger at its largest.
import { gzipSync } from "node:zlib"
import { createTelemetry } from "../telemetry.ts"
import { createTelemetryServer } from "./server.ts"

const telemetry = await createTelemetry({ folder: process.argv[2] ?? "" })
const server = await createTelemetryServer({ telemetry, port: 0 })
const headers = { "content-type": "application/x-protobuf", "content-encoding": "gzip" }
const body = gzipSync(Buffer.alloc(24 * 1024 * 1024))
const largestMb = () => process.resourceUsage().maxRSS / 1024
const before = largestMb()
const send = async () => (await fetch(`${server.url}/v1/traces`, { method: "POST", body, headers })).status
const statuses = await Promise.all(Array.from({ length: 12 }, send))
process.stdout.write(JSON.stringify({ statuses, grownMb: Math.round(largestMb() - before) }))
await server.close()
await telemetry.close()
