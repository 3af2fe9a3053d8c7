import * as fc from "fast-check"
import { expect, test } from "vitest"
import { parseResponse } from "./http-response.ts"

const body = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 300 })
const status = fc.constantFrom(200, 400, 413, 429, 503)

interface Sent {
  readonly status: number
  readonly text: string
  readonly body: string
  readonly isReusable: boolean
}

const withLength = fc.tuple(status, body).map(([code, text]): Sent => {
  const head = `HTTP/1.1 ${code} Whatever\r\nContent-Length: ${text.length}\r\nRetry-After:  7 \r\n\r\n`
  return { status: code, text: head + text, body: text, isReusable: true }
})
const chunked = fc.tuple(status, fc.array(body.filter((text) => text !== "")), fc.boolean()).map(([code, chunks, trailer]): Sent => {
  const pieces = chunks.map((text) => `${text.length.toString(16).toUpperCase()};a=b\r\n${text}\r\n`).join("")
  const end = trailer ? "0\r\nx-checksum: 1\r\n\r\n" : "0\r\n\r\n"
  const head = `HTTP/1.1 ${code}\r\ntransfer-encoding: chunked\r\nretry-after: 7\r\n\r\n`
  return { status: code, text: `${head}${pieces}${end}`, body: chunks.join(""), isReusable: true }
})
const closing = fc.tuple(status, body).map(([code, text]): Sent => {
  const head = `HTTP/1.1 ${code} X\r\nconnection: Close\r\nretry-after: 7\r\ncontent-length: ${text.length}\r\n\r\n`
  return { status: code, text: head + text, body: text, isReusable: false }
})
const interim = fc.constantFrom("", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 102 Processing\r\nx: y\r\n\r\n")

test("a response is understood when the last of it has come, and not before", () => {
  fc.assert(
    fc.property(interim, fc.oneof(withLength, chunked, closing), fc.nat(), (before, sent, cut) => {
      const text = before + sent.text
      expect(parseResponse(text)).toMatchObject({ status: sent.status, body: sent.body, isReusable: sent.isReusable })
      expect(parseResponse(text)?.headers.get("retry-after")).toBe("7")
      expect(parseResponse(text.slice(0, cut % text.length))).toBeUndefined()
    }),
  )
})

test.each([204, 304])("an answer of %i has no body, whatever it says of one, and the connection is used again", (code) => {
  expect(parseResponse(`HTTP/1.1 ${code} X\r\ncontent-length: 5\r\n\r\n`)).toMatchObject({ status: code, isReusable: true })
})

test.each([
  ["HTTP/1.1 200 OK\r\n\r\nuntil the end", 200],
  ["HTTP/1.0 204 No Content\r\n\r\n", 204],
  ["HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n", 200],
  ["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more", 200],
  ["HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", 200],
  ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 200],
])("after %j the connection is not used again", (text, code) => {
  expect(parseResponse(text)).toMatchObject({ status: code, isReusable: false })
})

test.each(["SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/2 200\r\n\r\n", "x".repeat(70_000)])("%.20j is no response", (text) => {
  expect(() => parseResponse(text)).toThrow("does not speak HTTP/1.1")
})
