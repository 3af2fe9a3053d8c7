import * as fc from "fast-check"
import { expect, onTestFinished, test, vi } from "vitest"
import { parseJsonBody } from "./json-body.ts"

/** Of a megabyte there can be five times as many. */
const many = 100_000

function messageFor(text: string): string {
  try {
    return JSON.stringify(parseJsonBody(Buffer.from(text)))
  } catch (error) {
    return String(error)
  }
}

test.each([
  ["that ends too early", `[${"{},".repeat(many)}`, `position ${3 * many + 1}, where it ends too early`],
  ["in which a value is missing", `[${"1,".repeat(many)}]`, `position ${2 * many + 1}: "]"`],
  ["in which a word goes on otherwise", `["]\\",x"${",true".repeat(many)},nuxx]`, `position ${8 + 5 * many + 3}: "xx]"`],
])("a long body %s is parsed once, and its mistake is named", (_, text, place) => {
  const parse = vi.spyOn(JSON, "parse")
  onTestFinished(() => void parse.mockRestore())
  expect(messageFor(text)).toContain(`The body is not valid JSON at ${place}`)
  expect(parse).toHaveBeenCalledTimes(1)
})

test("of a long body in which all is safe no name is written out to say where it stands", () => {
  const writing = vi.spyOn(String.prototype, "replaceAll")
  onTestFinished(() => void writing.mockRestore())
  const text = `{"\\u0041":[${'{"a":1},2,'.repeat(many)}3]}`
  expect(parseJsonBody(Buffer.from(text))).toHaveProperty("A")
  expect(writing).toHaveBeenCalledTimes(0)
})

test("a character that stands nowhere in JSON is found where it is", () => {
  // As V8 says where a mistake is.
  const told = fc.constantFrom("at position 7", "end of JSON")
  const texts = fc
    .tuple(fc.oneof(fc.jsonValue(), told), fc.constantFrom(undefined, 1))
    .map(([value, indent]) => JSON.stringify(value, undefined, indent))
  const places = texts.chain((text) => fc.tuple(fc.constant(text), fc.nat(text.length)))
  fc.assert(
    fc.property(places, ([text, at]) => {
      expect(messageFor(`${text.slice(0, at)}\u0001${text.slice(at)}`)).toContain(`not valid JSON at position ${at}: "\\u0001`)
    }),
  )
})

test.each([
  ["[tru]", 4],
  ["[nulx]", 4],
  ["[[],,]", 4],
  ['{"a":}', 5],
  ["[}", 1],
  ["'a'", 0],
  ["[.5]", 1],
  ['["\\\ufeff"]', 3],
  ["Infinity", 0],
  ['["at position 7",x]', 17],
  ['["end of JSON",x]', 15],
])("the mistake in %s is at position %d", (text, position) => {
  expect(messageFor(text)).toContain(`not valid JSON at position ${position}:`)
})
