import { expect, test } from "vitest"
import { parseCommandLine } from "./options.ts"

test("without arguments it is 20 customers for a minute", () => {
  expect(parseCommandLine([])).toMatchObject({
    url: "http://127.0.0.1:3000",
    customers: 20,
    seconds: 60,
    season: "none",
    seed: 1,
    json: false,
  })
})

test("every option is taken", () => {
  const args = [
    "--url",
    "http://shop:80",
    "--customers",
    "3",
    "--seconds",
    "2.5",
    "--season",
    "sale",
    "--rate",
    "50",
    "--seed",
    "9",
    "--json",
  ]
  const parsed = { url: "http://shop:80", customers: 3, seconds: 2.5, season: "sale", rate: 50, seed: 9, json: true, failures: 0.01 }
  expect(parseCommandLine(args)).toEqual(parsed)
  expect(parseCommandLine(["--help"])).toBe("help")
})

test.each([
  [["--customers", "0"], /--customers is "0"; it takes a whole number from 1 to 5000/],
  [["--seconds", "soon"], /--seconds is "soon"/],
  [["--season", "winter"], /there are none, gifts, inventory, sale/],
  [["--url", "shop"], /--url is "shop"/],
  [["--unknown"], /--unknown/],
])("%j is told", (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message)
})
