import { isFault } from "@hanok/contract"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { addressText } from "./address.ts"
import { parseAddresses } from "./parse-addresses.ts"

const service = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain())
const address = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) })
const addresses = fc.array(address, { minLength: 1, maxLength: 4 })

test("what is written is what is read, whatever services, hosts and ports there are, and wherever there is room", () => {
  const known = fc.dictionary(service, fc.oneof(addresses, address))
  fc.assert(
    fc.property(known, fc.constantFrom("", " "), (services, room) => {
      const textOf = (where: (typeof services)[string]) =>
        Array.isArray(where) ? where.map(addressText).join(`,${room}`) : `dns:${addressText(where)}`
      const text = Object.entries(services).map(([name, where]) => `${room}${name}${room}=${room}${textOf(where)}${room}`)
      const { fixed, names } = parseAddresses(`${text.join(";")};${room}`)
      const written = Object.entries(services)
      expect(Object.entries(fixed)).toEqual(written.filter(([, where]) => Array.isArray(where)))
      expect(Object.values(names).map(({ hostname, port }) => ({ host: hostname, port }))).toEqual(
        written.flatMap(([, where]) => (Array.isArray(where) ? [] : [where])),
      )
    }),
  )
})

test.each([
  "order",
  "=10.0.0.1:7000",
  " =10.0.0.1:7000",
  "order=",
  "order=10.0.0.1",
  "order=10.0.0.1:",
  "order=10.0.0.1:0",
  "order=10.0.0.1:65536",
  "order=10.0.0.1:7000,",
  "order=10.0.0.1:7000 10.0.0.2:7000",
  "order=::1:7000",
  "order=[10.0.0.1]:7000",
  "order=dns:",
  "order=dns:order.shop",
  "order=10.0.0.1:7000;order=10.0.0.2:7000",
  "order=10.0.0.1:7000;order=dns:order.shop:7000",
  "__proto__=10.0.0.1:7000",
])("%j is refused, and the part is quoted", (text) => {
  const part = text.split(";").at(-1)?.trim() ?? ""
  try {
    expect.fail(JSON.stringify(parseAddresses(`stock=10.0.0.9:7000;${text}`)))
  } catch (error) {
    expect(isFault(error, "INVALID_INPUT") && error.message).toContain(`"${part}"`)
  }
})
