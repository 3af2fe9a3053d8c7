import dns from "node:dns"
import type { LookupAddress } from "node:dns"
import { once } from "node:events"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import type { Logger } from "@hanok/contract"
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest"
import { createAuthenticator } from "./auth/authenticator.ts"
import { createAddressBook } from "./discovery/address-book.ts"
import { now } from "./recorder/clock.ts"
import { createRecorder, newRootSpanIds } from "./recorder/index.ts"
import { SpanTemplate } from "./recorder/span-template.ts"
import { echoTopology } from "./wire/fixture.ts"
import { createRemoteSeam } from "./wire/remote-seam.ts"
import { contractBookOf } from "./wire/topology-book.ts"

/*
 * A name with addresses of both families, as `localhost` is on most machines: where nobody listens at either, Node throws an error that
 * has one for each address and says nothing itself.
 */

const both: readonly LookupAddress[] = [
  { address: "::1", family: 6 },
  { address: "127.0.0.1", family: 4 },
]
let port: number
let why: RegExp

beforeAll(async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  port = (server.address() as AddressInfo).port
  await new Promise((resolve) => void server.close(resolve))
  // Without IPv6 the first one is told in other words.
  why = new RegExp(`::1.*, connect ECONNREFUSED 127\\.0\\.0\\.1:${port}$`)
  type Answer = (error: null, addresses: readonly LookupAddress[]) => void
  const lookup = (_name: string, _options: object, answer: Answer) => answer(null, both)
  vi.spyOn(dns, "lookup").mockImplementation(lookup as unknown as typeof dns.lookup)
})
afterAll(() => void vi.restoreAllMocks())

function watchedLog() {
  const told: unknown[] = []
  const tell: Logger["info"] = (_message, fields) => void told.push(fields?.["reason"])
  return { told, log: { debug: tell, info: tell, warn: tell, error: tell } }
}

test("why spans cannot be exported is told when their receiver's name has several addresses", async () => {
  const told: (string | undefined)[] = []
  const recorder = createRecorder({ resource: {}, endpoint: `http://both:${port}`, onTrouble: (reason) => told.push(reason) })
  const at = now()
  recorder.record(newRootSpanIds(), SpanTemplate.single("span", undefined), "server", at, at, undefined, undefined)
  await recorder.close(5_000)
  expect(told).toEqual([expect.stringMatching(why)])
})

test("why there is no connection to a replica is told when its name has several addresses", async () => {
  const { told, log } = watchedLog()
  const addresses = createAddressBook({ echo: [{ host: "both", port }] }).addressesOf("echo")
  const book = contractBookOf(echoTopology)
  const token = async () => "token"
  const seam = createRemoteSeam({ service: "echo", services: ["echo"], caller: "shop", addresses, book, log, token })
  onTestFinished(() => seam.close({ graceMs: 0 }))
  await expect.poll(() => told).toEqual([expect.stringMatching(why)])
})

test("why an issuer's keys cannot be had is told when its name has several addresses", async () => {
  const { told, log } = watchedLog()
  const env = { HANOK_JWKS_URL: `http://both:${port}/jwks`, HANOK_JWT_ISSUER: "issuer", HANOK_JWT_AUDIENCE: "shop" }
  const token = "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJraW0ifQ.c2lnbmF0dXJl"
  await expect(createAuthenticator(env, log).identify(`Bearer ${token}`)).rejects.toMatchObject({ code: "UNAVAILABLE" })
  expect(told).toEqual([expect.stringMatching(why)])
})
