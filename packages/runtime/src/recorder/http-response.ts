/** The answer to a request, all of it. */
export interface HttpResponse {
  readonly status: number
  /** By name in lower case; of repeated ones the last. */
  readonly headers: ReadonlyMap<string, string>
  /** Empty when it ends with its connection: it is not waited for. */
  readonly body: string
  /** Whether the connection can carry another request. */
  readonly isReusable: boolean
}

const longestHead = 64 * 1024

/**
 * The response (RFC 9112) in what came on a connection since the request was sent, bytes as Latin-1 text; `undefined` while
 * more has to come. Throws when it is no HTTP.
 */
export function parseResponse(text: string): HttpResponse | undefined {
  const headEnd = text.indexOf("\r\n\r\n")
  if (headEnd < 0 && text.length < longestHead) return undefined
  const [statusLine = "", ...lines] = text.slice(0, Math.max(0, headEnd)).split("\r\n")
  const [, minor, digits] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine) ?? []
  if (digits === undefined) throw new Error(`what answered does not speak HTTP/1.1: ${JSON.stringify(text.slice(0, 40))}`)
  const status = Number(digits)
  // An interim response: the real one follows.
  if (status < 200) return parseResponse(text.slice(headEnd + 4))
  const headers = new Map(lines.map(fieldOf))
  const body: string[] = []
  const end = bodyEnd(text, headEnd + 4, status, headers, body)
  if (end === "later") return undefined
  const stays = minor === "1" && headers.get("connection")?.toLowerCase() !== "close"
  return { status, headers, body: body.join(""), isReusable: stays && end === text.length }
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(":")
  return [line.slice(0, Math.max(0, colon)).toLowerCase(), line.slice(colon + 1).trim()]
}

// RFC 9112, section 6.3. A body that ends with its connection is not waited for: then the connection is not used again.
// Its parts go into `body`.
function bodyEnd(
  text: string,
  from: number,
  status: number,
  headers: ReadonlyMap<string, string>,
  body: string[],
): number | "later" | "unknown" {
  if (status === 204 || status === 304) return from
  if (headers.has("transfer-encoding"))
    return headers.get("transfer-encoding")?.toLowerCase() === "chunked" ? chunksEnd(text, from, body) : "unknown"
  const length = headers.get("content-length")
  if (length === undefined || !/^\d+$/.test(length)) return "unknown"
  const end = from + Number(length)
  body.push(text.slice(from, end))
  return text.length < end ? "later" : end
}

// RFC 9112, section 7.1.
function chunksEnd(text: string, from: number, body: string[]): number | "later" | "unknown" {
  for (let at = from; ;) {
    const lineEnd = text.indexOf("\r\n", at)
    if (lineEnd < 0) return "later"
    const [size] = /^[0-9a-f]{1,8}/i.exec(text.slice(at, lineEnd)) ?? []
    if (size === undefined) return "unknown"
    if (Number.parseInt(size, 16) === 0) return trailersEnd(text, lineEnd)
    const end = lineEnd + 2 + Number.parseInt(size, 16)
    body.push(text.slice(lineEnd + 2, end))
    at = end + 2
    if (at > text.length) return "later"
  }
}

// They end with an empty line, which comes at once when there are none.
function trailersEnd(text: string, lineEnd: number): number | "later" {
  const end = text.indexOf("\r\n\r\n", lineEnd)
  return end < 0 ? "later" : end + 4
}
