export { createParser } from "./parser.ts"
export type { Parser } from "./parser.ts"
