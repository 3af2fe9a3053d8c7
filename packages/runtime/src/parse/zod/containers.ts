import type { Compiling } from "./compiling.ts"
import { checksOf } from "./definition.ts"
import type { ZodSchema } from "./definition.ts"
import type { Draft } from "./draft.ts"
import { addLength, addRefined } from "./scalars.ts"

export function addReadonly(compiling: Compiling, draft: Draft, schema: ZodSchema, name: string): string | undefined {
  const inner = schema._zod.def.innerType
  return inner && checksOf(schema).length === 0 ? compiling.addParse(draft, inner, name) : undefined
}

export function addNullable(compiling: Compiling, draft: Draft, schema: ZodSchema, name: string): string | undefined {
  const inner = schema._zod.def.innerType
  if (!inner || checksOf(schema).length > 0) return undefined
  const copied = draft.name()
  draft.add(`let ${copied} = null`)
  draft.add(`if (${name} !== null) {`)
  draft.add(`${copied} = ${compiling.addParse(draft, inner, name)}`)
  draft.add("}")
  return copied
}

export function addArray(compiling: Compiling, draft: Draft, schema: ZodSchema, name: string): string | undefined {
  const { element } = schema._zod.def
  if (!element) return undefined
  draft.add(`if (!Array.isArray(${name})) return REFUSED`)
  if (!addLength(draft, schema, name)) return undefined
  return addRefined(draft, schema, () => addItems(compiling, draft, element, name))
}

function addItems(compiling: Compiling, draft: Draft, element: ZodSchema, name: string): string {
  const [copied, index, item] = [draft.name(), draft.name(), draft.name()]
  draft.add(`const ${copied} = new Array(${name}.length)`)
  draft.add(`for (let ${index} = 0; ${index} < ${copied}.length; ${index}++) {`)
  draft.add(`const ${item} = ${name}[${index}]`)
  draft.add(`if (${item} === undefined) return UNSURE`)
  draft.add(`${copied}[${index}] = ${compiling.addParse(draft, element, item)}`)
  draft.add("}")
  return copied
}

export function addRecord(compiling: Compiling, draft: Draft, schema: ZodSchema, name: string): string | undefined {
  const { keyType, valueType, mode } = schema._zod.def
  if (!keyType || !valueType || mode !== undefined || checksOf(schema).length > 0) return undefined
  if (keyType._zod.def.type !== "string" || checksOf(keyType).length > 0) return undefined
  const [copied, key, value] = [draft.name(), draft.name(), draft.name()]
  draft.add(`if (typeof ${name} !== "object" || ${name} === null) return REFUSED`)
  draft.add(`if (Object.getPrototypeOf(${name}) !== Object.prototype || Object.getOwnPropertySymbols(${name}).length > 0) return UNSURE`)
  draft.add(`const ${copied} = {}`)
  draft.add(`for (const ${key} of Object.keys(${name})) {`)
  draft.add(`const ${value} = ${name}[${key}]`)
  draft.add(`if (${value} === undefined || ${key} === "__proto__") return UNSURE`)
  draft.add(`${copied}[${key}] = ${compiling.addParse(draft, valueType, value)}`)
  draft.add("}")
  return copied
}

// The first option that accepts is the one, as in the library; an option that is unsure leaves all to it.
export function addUnion(compiling: Compiling, draft: Draft, schema: ZodSchema, name: string): string | undefined {
  const { options, inclusive, discriminator } = schema._zod.def
  if (!options || options.length === 0 || checksOf(schema).length > 0) return undefined
  // `xor()`: only one option may accept.
  if (inclusive === false && discriminator === undefined) return undefined
  if (discriminator !== undefined && options.some((option) => takesAnyFor(discriminator, option))) return undefined
  const copied = draft.name()
  draft.add(`let ${copied} = REFUSED`)
  for (const option of options) {
    const inner = draft.inner()
    inner.add(`return ${compiling.addParse(inner, option, "option")}`)
    const parse = draft.name()
    draft.add(`if (${copied} === REFUSED) {`)
    draft.add(`const ${parse} = ${inner.functionOf("option")}`)
    draft.add(`${copied} = ${parse}(${name})`)
    draft.add("}")
  }
  draft.add(`if (${copied} === REFUSED || ${copied} === UNSURE) return ${copied}`)
  return copied
}

// With `catch()` an option accepts what its discriminator leaves to another one.
function takesAnyFor(discriminator: string, option: ZodSchema): boolean {
  let told = option._zod.def.shape?.[discriminator]
  while (told && told._zod.def.type !== "catch") told = told._zod.def.innerType
  return told !== undefined
}
