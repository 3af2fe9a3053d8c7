import { expect, test } from "vitest"
import { answerable, parserProblem } from "./framework-error.ts"

test.each([
  ["HPE_HEADER_OVERFLOW", 431],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408],
  ["HPE_INVALID_METHOD", 400],
  [undefined, 400],
])("what the parser ends with %s is answered with status %i", (code, status) => {
  expect(parserProblem(code, undefined).status).toBe(status)
})

test.each([
  [{ code: "FST_ERR_BAD_URL", statusCode: 400 }, "MALFORMED_REQUEST"],
  [{ statusCode: 499 }, "MALFORMED_REQUEST"],
  [{ statusCode: 500 }, "INTERNAL"],
  [null, "INTERNAL"],
])("%o is answered as %s", (error, code) => {
  expect(answerable(error).code).toBe(code)
})
