import { untraced } from "./otel/untraced.ts"
import { partialSuccessOf } from "./partial-success.ts"
import type { PartialSuccess } from "./partial-success.ts"
import { PostConnection } from "./post-connection.ts"

export interface Poster {
  /**
   * Resolves with the status, with what was rejected all the same, and, for a refusal that may be repeated, with when.
   * Rejects when the connection failed or `timeoutMs` passed.
   */
  post(body: Uint8Array, timeoutMs: number): Promise<Answer>
  /** Ends what is under way. */
  close(): void
}

interface Answer {
  readonly status: number
  /** Of what the receiver took. */
  readonly partial?: PartialSuccess | undefined
  readonly retryAfterMs: number | undefined
}

/** Posts bodies of one media type to one URL over a kept connection, one at a time. Throws when a header cannot be sent. */
export function createPoster(url: string, contentType: string, headers: Readonly<Record<string, string>>): Poster {
  const target = new URL(url)
  const head = headOf(target, { ...headers, "content-type": contentType })
  let connection: PostConnection | undefined
  let isClosed = false
  const post = async (body: Uint8Array, timeoutMs: number): Promise<Answer> => {
    const current = connection?.isOpen ? connection : await PostConnection.to(target)
    connection = current
    // It was closed before there was a connection to close.
    if (isClosed) current.close("closed")
    const timer = setTimeout(() => current.close(`no answer within ${timeoutMs} ms`), timeoutMs).unref()
    try {
      const { status, headers: answered, body: said } = await current.post(`${head}content-length: ${body.length}\r\n\r\n`, body)
      const partial = partialSuccessOf(said, answered.get("content-type"))
      return { status, retryAfterMs: retryAfter(answered.get("retry-after")), partial }
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    post: (body, timeoutMs) => untraced(() => post(body, timeoutMs)),
    close() {
      isClosed = true
      connection?.close("closed")
    },
  }
}

function headOf(target: URL, headers: Readonly<Record<string, string>>): string {
  const { host, pathname, search, username, password } = target
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")
  const all = { host, ...(username && { authorization: `Basic ${basic}` }), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${checked(name, value)}: ${value}\r\n`)
  return `POST ${pathname}${search} HTTP/1.1\r\n${lines.join("")}`
}

// RFC 9110, section 5: what is neither would end the header, or begin another one.
function checked(name: string, value: string): string {
  if (/^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return name
  throw new Error(`the header ${JSON.stringify(name)} for exported spans is not valid, in its name or its value`)
}

function retryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header)
  return header === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000
}
