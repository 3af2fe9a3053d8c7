import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { messageOf, stackOf } from "./error-text.ts"

test("an error says what caused it, and where that came from", () => {
  const refused = new TypeError("refused")
  const error = new Error("cannot charge", { cause: new Error("no answer", { cause: refused }) })
  expect(messageOf(error)).toBe("cannot charge: no answer: refused")
  expect(stackOf(error)).toMatch(/^Error: cannot charge\n +at .+\n(.+\n)+caused by Error: no answer\n(.+\n)+caused by TypeError: refused\n/)
})

test("what an error has said of its cause itself is not said again", () => {
  expect(messageOf(new Error("cannot be reached: refused.", { cause: new Error("refused") }))).toBe("cannot be reached: refused.")
})

test("an error of several says what each of them says", () => {
  const several = new AggregateError([new Error("at ::1"), "at 127.0.0.1"])
  expect(messageOf(several)).toBe("at ::1, at 127.0.0.1")
  expect(messageOf(new Error("cannot connect", { cause: several }))).toBe("cannot connect: at ::1, at 127.0.0.1")
  expect(stackOf(several)).toContain("\ncaused by Error: at ::1\n")
})

test("causes that go round, or are many, are told once, and some", () => {
  const round = new Error("round")
  round.cause = new AggregateError([round, round], "again", { cause: round })
  expect(messageOf(round)).toBe("round: again")
  let error = new Error("the first")
  for (let index = 0; index < 1000; index++) error = new Error(`after ${index}`, { cause: error })
  expect(messageOf(error).split(": ")).toHaveLength(16)
  const many = new AggregateError(Array.from({ length: 1000 }, (_, index) => new Error(`one ${index}`)))
  expect(stackOf(many).match(/caused by/g)).toHaveLength(15)
})

test("an error whose cause will not be read says what it says itself", () => {
  const error = Object.defineProperty(new Error("withheld"), "cause", {
    get() {
      throw new Error("no")
    },
  })
  expect(messageOf(error)).toBe("withheld")
})

test("what is thrown in place of an error says what its fields say", () => {
  expect(messageOf({ code: 42, message: "no such row" })).toBe("{ code: 42, message: 'no such row' }")
  expect(messageOf(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`name${index}`, index]))).length).toBe(2000)
  expect(messageOf("a text")).toBe("a text")
  expect(messageOf(undefined)).toBe("undefined")
})

test("an error of another realm says where it came from", () => {
  expect(stackOf(runInNewContext("new TypeError('elsewhere')"))).toMatch(/^TypeError: elsewhere\n +at /)
})
