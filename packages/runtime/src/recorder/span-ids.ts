import { randomFillSync } from "node:crypto"
import type { TraceContext } from "@hanok/contract"

/**
 * The ids of one span as signed 32-bit numbers, which cost no more than they must where calls are made by the million.
 * Their text (W3C trace context, lower-case hexadecimal) is made when somebody asks for it.
 */
export class SpanIds implements TraceContext {
  declare readonly trace0: number
  declare readonly trace1: number
  declare readonly trace2: number
  declare readonly trace3: number
  declare readonly span0: number
  declare readonly span1: number
  /** Both 0 for a root. */
  declare readonly parent0: number
  declare readonly parent1: number

  constructor(
    trace0: number,
    trace1: number,
    trace2: number,
    trace3: number,
    span0: number,
    span1: number,
    parent0: number,
    parent1: number,
  ) {
    this.trace0 = trace0
    this.trace1 = trace1
    this.trace2 = trace2
    this.trace3 = trace3
    this.span0 = span0
    this.span1 = span1
    this.parent0 = parent0
    this.parent1 = parent1
  }

  get traceId(): string {
    return hex(this.trace0) + hex(this.trace1) + hex(this.trace2) + hex(this.trace3)
  }

  get spanId(): string {
    return hex(this.span0) + hex(this.span1)
  }
}

/** A new trace, and the first span of it. */
export function newRootSpanIds(): SpanIds {
  return new SpanIds(random(), random(), random(), random() || 1, nextSpan0(), nextSpan1(), 0, 0)
}

/** A new span below `parent`. */
export function newSpanIds(parent: SpanIds): SpanIds {
  return new SpanIds(parent.trace0, parent.trace1, parent.trace2, parent.trace3, nextSpan0(), nextSpan1(), parent.span0, parent.span1)
}

// An id of a span need only be another one than all others of its trace. Half of it is random and stays for as long as the
// other half can count; counted in steps that reach every number before one comes again, it looks like nothing in particular.
const step = 0x9e37_79b1 | 0
let process0 = 0
let count1 = 0

/** The first half of a new span's id; to be asked for before the second. */
export function nextSpan0(): number {
  if (count1 === 0) process0 = random() || 1
  return process0
}

/** The second half. */
export function nextSpan1(): number {
  return (count1 = (count1 + step) | 0)
}

/** The ids of a span somewhere else, from their text; zeros where the text is not hexadecimal. */
export function parseSpanIds(traceId: string, spanId: string): SpanIds {
  return new SpanIds(
    number(traceId, 0),
    number(traceId, 8),
    number(traceId, 16),
    number(traceId, 24),
    number(spanId, 0),
    number(spanId, 8),
    0,
    0,
  )
}

// Only versions after this one may say more.
const traceparentPattern = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:$|(?<!^00.*)-)/
const zeros = /^0+$/

/** The caller's span from a `traceparent` header (W3C Trace Context, level 1); `undefined` when it is malformed. */
export function parseTraceparent(header: string): SpanIds | undefined {
  const match = traceparentPattern.exec(header)
  const [, traceId = "", spanId = ""] = match ?? []
  if (!match || zeros.test(traceId) || zeros.test(spanId)) return undefined
  return parseSpanIds(traceId, spanId)
}

/**
 * As a `traceparent` header (W3C Trace Context, level 1), and the trace id by itself: cut out of the header it would be slower to read.
 */
export function formatTrace(ids: SpanIds): { readonly traceparent: string; readonly traceId: string } {
  writeHex(3, ids.trace0)
  writeHex(11, ids.trace1)
  writeHex(19, ids.trace2)
  writeHex(27, ids.trace3)
  writeHex(36, ids.span0)
  writeHex(44, ids.span1)
  return { traceparent: text.toString("latin1"), traceId: text.toString("latin1", 3, 35) }
}

// Written in place and read once: putting it together from parts takes twice as long, and it would be in parts still.
const text = Buffer.from(`00-${"0".repeat(32)}-${"0".repeat(16)}-01`)
/** The two digits of each byte. */
const digits = Uint16Array.from({ length: 256 }, (_, byte) => Buffer.from(byte.toString(16).padStart(2, "0")).readUInt16BE())

function writeHex(at: number, word: number): void {
  for (let byte = 0; byte < 4; byte++) {
    const pair = digits[(word >>> (24 - byte * 8)) & 255] ?? 0
    text[at + byte * 2] = pair >>> 8
    text[at + byte * 2 + 1] = pair & 255
  }
}

// Ids have to be unique, not secret: a small generator, seeded once for each process, is many times faster than asking the system.
// xoshiro128** by Blackman and Vigna, https://prng.di.unimi.it/xoshiro128starstar.c (public domain).
const state = randomFillSync(new Uint32Array(4))
let a = state[0] ?? 1
let b = state[1] ?? 2
let c = state[2] ?? 3
let d = (state[3] ?? 4) | 1

function random(): number {
  const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9)
  const shifted = b << 9
  c ^= a
  d ^= b
  b ^= c
  a ^= d
  c ^= shifted
  d = rotate(d, 11)
  return scrambled
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

function hex(word: number): string {
  return `${bytes[word >>> 24]}${bytes[(word >>> 16) & 255]}${bytes[(word >>> 8) & 255]}${bytes[word & 255]}`
}

function number(text: string, at: number): number {
  const value = Number.parseInt(text.slice(at, at + 8), 16)
  return value | 0
}
