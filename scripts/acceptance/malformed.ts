/** A request that is wrong in one way, and what it is answered with. */
export interface MalformedRequest {
  readonly name: string
  readonly method?: string
  readonly path: string
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Whether it carries a customer's token. */
  readonly signedIn: boolean
  readonly status: readonly number[]
}

const json = { "content-type": "application/json" }
const order = (body: unknown) => ({ method: "POST", path: "/orders", body: JSON.stringify(body), headers: json, signedIn: true })
const registration = { email: "a@shop.example", password: "a long enough one", name: "Kim Mina" }
const register = (body: string, headers: Readonly<Record<string, string>> = json) => ({
  method: "POST",
  path: "/customers",
  body,
  headers,
  signedIn: false,
})
const invalid = [400, 422]

/** Twenty ways to be wrong. */
export const malformedRequests: readonly MalformedRequest[] = [
  { name: "no JSON", ...register("{"), status: [400] },
  { name: "nothing where JSON is expected", ...register(""), status: invalid },
  { name: "a list where an object is expected", ...register("[]"), status: invalid },
  { name: "null where an object is expected", ...register("null"), status: invalid },
  { name: "a field that is missing", ...register(JSON.stringify({ ...registration, email: undefined })), status: invalid },
  { name: "a number where text is expected", ...register(JSON.stringify({ ...registration, name: 7 })), status: invalid },
  { name: "no e-mail address", ...register(JSON.stringify({ ...registration, email: "nobody" })), status: invalid },
  { name: "a password that is too short", ...register(JSON.stringify({ ...registration, password: "short" })), status: invalid },
  { name: "a text that is too long", ...register(JSON.stringify({ ...registration, name: "x".repeat(10_000) })), status: invalid },
  { name: "another media type", ...register("name=Mina", { "content-type": "text/plain" }), status: [415] },
  { name: "a body of two megabytes", ...register(JSON.stringify({ ...registration, name: "x".repeat(2_000_000) })), status: [413] },
  { name: "a field that reaches for the prototype", ...register('{"__proto__":{"admin":true}}'), status: invalid },
  { name: "a page size that is none", path: "/items?limit=many", signedIn: false, status: invalid },
  { name: "a page size beyond the limit", path: "/items?limit=1000000", signedIn: false, status: invalid },
  { name: "no token", path: "/orders", signedIn: false, status: [401] },
  { name: "a token that is none", path: "/orders", headers: { authorization: "Bearer x.y.z" }, signedIn: false, status: [401] },
  { name: "an order without lines", ...order({ lines: [], addressId: "a" }), status: invalid },
  { name: "a negative quantity", ...order({ lines: [{ itemId: "i", quantity: -1 }], addressId: "a" }), status: invalid },
  { name: "a path that leads nowhere", path: "/nowhere", signedIn: false, status: [404] },
  { name: "a method that is not allowed", method: "DELETE", path: "/customers", signedIn: false, status: [404, 405] },
]
