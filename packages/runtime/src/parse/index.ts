export { copySendable } from "./copy.ts"
export { createParser } from "./parser.ts"
export type { Parser } from "./parser.ts"
