import type { SourceGraph } from "./source-graph.ts"

/** A place where a rule is broken. */
export interface Violation {
  readonly path: string
  /** From 1. */
  readonly line: number
  /** The rule's name, as the documentation has it. */
  readonly rule: string
  /** What is there, with names. */
  readonly message: string
  /** What would be allowed. */
  readonly allowed: string
}

/** Finds everything that breaks it. */
export type Rule = (graph: SourceGraph) => readonly Violation[]
