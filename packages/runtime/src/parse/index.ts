export { copySendable } from "./copy.ts"
export { createParser, createPlainParser } from "./parser.ts"
export type { Parse } from "./parser.ts"
