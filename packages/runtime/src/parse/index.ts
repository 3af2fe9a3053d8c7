export { copySendable } from "./copy.ts"
export { createParser, createPlainParser } from "./parser.ts"
export type { Parse } from "./parser.ts"
export { mostIssues } from "./zod/large-issues.ts"
