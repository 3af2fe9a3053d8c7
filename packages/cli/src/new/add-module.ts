import { addElement } from "../topology-file/edit-listing.ts"
import { createDraft, lineBreakBehind, newlineOf, quoted } from "../topology-file/draft.ts"
import { lineOf, NotUnderstood } from "../topology-file/not-understood.ts"
import { listingOf } from "../topology-file/services-source.ts"
import { camelOf } from "./names.ts"
import { parseTopologySource, propertyOf, valueOf } from "../topology-file/topology-source.ts"

/** The configuration with one more module. Comments and layout stay. Throws `NotUnderstood`. */
export function addModule(text: string, name: string): string {
  const source = parseTopologySource(text)
  const property = propertyOf(source.options, "modules")
  const modules = property && valueOf(property.value, source.program)
  if (modules?.type !== "ArrayExpression") {
    throw new NotUnderstood(lineOf(text, property?.start ?? source.options.start), "does not itself list its modules")
  }
  const draft = createDraft(text, source.comments)
  addElement(draft, listingOf(modules), `${camelOf(name)}Module`)
  const end = /\b(?:from|import)\s*["'][^\n]*;/.test(text) ? ";" : ""
  const statement = `import { ${camelOf(name)}Module } from ${quoted(draft, `./modules/${name}/module.ts`)}${end}`
  const last = source.program.body.findLast(({ type }) => type === "ImportDeclaration")
  if (last) draft.edits.appendLeft(lineBreakBehind(draft, last.end) ?? last.end, `${newlineOf(draft)}${statement}`)
  else draft.edits.prepend(`${statement}${newlineOf(draft)}`)
  return draft.edits.toString()
}
