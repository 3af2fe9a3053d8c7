import type { ZodSchema } from "./definition.ts"
import type { Draft } from "./draft.ts"

/** What the kinds of schema that hold others need of the compiler. */
export interface Compiling {
  /** Whether the kind of the schema is one of those that can be compiled. */
  canCompile(schema: ZodSchema): boolean
  /** To be told when the parser fills in what is missing, or changes what is there. */
  noteChange(): void
  /** Adds what checks the value called `name`, and gives the expression of its copy. */
  addParse(draft: Draft, schema: ZodSchema, name: string): string
}

/** For one kind of schema: like `Compiling.addParse`, but `undefined` when it cannot; what it has added by then is taken back. */
export type AddKind = (compiling: Compiling, draft: Draft, schema: ZodSchema, name: string) => string | undefined
