import { expect, test } from "vitest"
import { parseRules } from "./parse-rules.ts"

test("each field brings its rule", () => {
  expect(parseRules("{}")).toEqual([])
  expect(parseRules('{ "packages": { "a": { "imports": ["b"] } }, "maxLines": { "source": 4, "test": 6 } }')).toHaveLength(2)
})

test("a file may begin with a byte order mark, as editors write it", () => {
  expect(parseRules('\ufeff{ "maxLines": { "source": 4, "test": 6 } }')).toHaveLength(1)
})

test.each([
  ["[]", "The file is an object."],
  ['{ "package": {} }', '"package" is not a field'],
  ['{ "packages": { "a": ["b"] } }', '"a" is an object.'],
  ['{ "packages": { "a": {} } }', '"imports" of "a" is a list of names.'],
  ['{ "packages": { "a": { "imports": [], "types": "b" } } }', '"types" of "a" is a list of names.'],
  ['{ "maxLines": { "source": 400 } }', '"maxLines" has the numbers'],
])("%s is refused, and the field named", (text, message) => {
  expect(() => parseRules(text)).toThrow(message)
})
