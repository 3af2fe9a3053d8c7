import { anything, dereferenced, isJsonSchema } from "./json-schema.ts"
import {
  alternativesOf,
  fieldsOf,
  isAnything,
  isImpossible,
  joined,
  listPartsOf,
  narrowed,
  otherFieldsOf,
  patternsOf,
  requiredOf,
  schemasIn,
} from "./schema-parts.ts"
import type { ListParts } from "./schema-parts.ts"
import { SchemaPairs } from "./schema-pairs.ts"
import type { JsonSchema } from "./schema.ts"
import { areApart, mayBe, splitOf, typeTrouble, valueTrouble } from "./schema-values.ts"

/** Values that fit `from` are given to whoever expects `to`. */
export interface Passage {
  readonly from: JsonSchema
  readonly to: JsonSchema
  /** Where in the message, for what is found. */
  readonly at: string
  /** Whether a receiver whose schema forbids other fields refuses them; who only reads passes over them. */
  readonly extrasRefused: boolean
}

export interface SchemaTrouble {
  readonly field: string
  readonly problem: string
}

/**
 * Where values that fit one JSON Schema (draft 2020-12) do not have the shape another expects. It compares types, required and
 * missing fields, fixed values, alternatives and combinations; what it does not know (conditions, negations) must be equal
 * word for word.
 */
export function schemaTroubles(passage: Passage): readonly SchemaTrouble[] {
  const troubles = new Comparison(passage).compare(passage.from, passage.to, passage.at)
  // Several alternatives may come to the same.
  return [...new Map(troubles.map((trouble) => [`${trouble.field} ${trouble.problem}`, trouble])).values()]
}

const unknownKeywords = ["not", "if", "then", "else", "dependentSchemas", "dependentRequired", "contains"]

type Troubles = readonly SchemaTrouble[]

class Comparison {
  readonly #passage: Passage
  /** Pairs behind references that are, or have been, compared: once is enough, and recursive schemas end here. */
  readonly #seen = new SchemaPairs()
  /** Of those, what does not fit; a trial need not find it out again. */
  readonly #misfits = new SchemaPairs()
  #trials = 0

  constructor(passage: Passage) {
    this.#passage = passage
  }

  compare(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    if (from["$ref"] !== undefined || to["$ref"] !== undefined) return this.#compareReferences(from, to, at)
    if (isImpossible(from) || this.#hasPart(from, to)) return []
    const whole = joined(from, this.#passage.from)
    const given = alternativesOf(whole)
    if (given.length > 0) return given.flatMap((each) => this.compare(narrowed(whole, each), to, at))
    const parts = schemasIn(to["allOf"]).flatMap((part) => this.compare(from, part, at))
    return [...parts, ...this.#compareToAny(whole, to, at), ...this.#comparePlain(whole, to, at)]
  }

  // What fits a combination fits each of its parts, also those of which not all can be said when they are joined.
  #hasPart(from: JsonSchema, to: JsonSchema): boolean {
    const parts = schemasIn(from["allOf"])
    return parts.length > 0 && (this.#isSame(from, to) || parts.some((part) => this.#isSame(part, to) || this.#hasPart(part, to)))
  }

  #compareReferences(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    const [given, expected] = [dereferenced(from, this.#passage.from), dereferenced(to, this.#passage.to)]
    if (this.#trials > 0 && this.#misfits.has(given, expected)) return [{ field: at, problem: "it differs" }]
    if (this.#seen.has(given, expected)) return []
    this.#seen.add(given, expected)
    const troubles = this.compare(given, expected, at)
    if (troubles.length > 0) this.#misfits.add(given, expected)
    return troubles
  }

  #compareToAny(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    const expected = alternativesOf(to)
    const [only] = expected
    if (only && expected.length === 1) return this.compare(from, only, at)
    if (expected.length === 0 || expected.some((each) => this.#fits(from, each))) return []
    const others = splitOf(from)?.filter((part) => !expected.some((each) => this.#fits(part, each))) ?? [from]
    if (others.length === 0) return []
    const unexpected = { field: at, problem: "it can be something that is not expected" }
    if (this.#trials > 0) return [unexpected]
    const toMeant = (part: JsonSchema) => this.#compareToMeant(part, expected, at)
    return toMeant(from) ?? others.flatMap((part) => toMeant(part) ?? [unexpected])
  }

  // Where one alternative alone has its type and may have its fixed values, that is the one in which something has changed.
  #compareToMeant(from: JsonSchema, expected: readonly JsonSchema[], at: string): Troubles | undefined {
    const ofType = expected.filter((each) => typeTrouble(from, dereferenced(each, this.#passage.to)) === undefined)
    const apart = ofType.map((each) => namesApart(from, dereferenced(each, this.#passage.to)))
    const meant = ofType.length === 1 ? ofType : ofType.filter((_, index) => apart[index]?.length === 0)
    if (meant.length > 0) return meant.length === 1 ? meant.flatMap((each) => this.compare(from, each, at)) : undefined
    const name = apart[0]?.find((one) => apart.every((names) => names.includes(one)))
    return name === undefined ? undefined : told(`${at}/${name}`, valueTrouble(fieldsOf(from).get(name) ?? anything, { enum: [] }))
  }

  // What was taken for granted on the way to a trouble has not been shown.
  #fits(from: JsonSchema, to: JsonSchema): boolean {
    const before = this.#seen.size
    this.#trials++
    const fits = this.compare(from, to, "").length === 0
    this.#trials--
    if (!fits) this.#seen.backTo(before)
    return fits
  }

  #comparePlain(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    return [
      ...this.#unknown(from, to, at),
      ...told(at, typeTrouble(from, to)),
      ...told(at, valueTrouble(from, to)),
      ...(mayBe(from, "object") ? [...this.#fields(from, to, at), ...this.#patterns(from, to, at), ...this.#names(from, to, at)] : []),
      ...(mayBe(from, "array") ? this.#items(from, to, at) : []),
    ]
  }

  #unknown(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    return unknownKeywords
      .filter((keyword) => to[keyword] !== undefined && !this.#isSame(from[keyword], to[keyword]))
      .map((keyword) => ({ field: at, problem: `its \`${keyword}\` differs` }))
  }

  // What is referred to may differ where the words do not.
  #isSame(given: unknown, expected: unknown): boolean {
    const [mine, theirs] = [JSON.stringify(given), JSON.stringify(expected)]
    if (mine !== theirs || !theirs.includes('"$ref"')) return mine === theirs
    return JSON.stringify(this.#passage.from) === JSON.stringify(this.#passage.to)
  }

  #fields(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    const [given, expected, others] = [fieldsOf(from), fieldsOf(to), this.#unnamed(from, to)]
    const [sure, needed] = [requiredOf(from), requiredOf(to)]
    // What an object may have besides its fields is nobody's business yet; the fields of a record are what it is for.
    const isByTheWay = others !== undefined && isAnything(others) && "properties" in from
    const troubles = [...new Set([...expected.keys(), ...needed])].flatMap((name) => {
      const field = `${at}/${name}`
      const own = given.get(name) ?? (isByTheWay ? undefined : others)
      if (needed.has(name) && !sure.has(name))
        return [{ field, problem: own ? "it is required, but may be missing" : "it is required, but not known to the other side" }]
      return own ? this.compare(own, expected.get(name) ?? anything, field) : []
    })
    const extra = [...given].filter(([name]) => !expected.has(name))
    return [...troubles, ...this.#others(extra, from, to, at)]
  }

  // Which names a pattern takes is not looked at, so both have to speak of the same names.
  #patterns(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    const [given, expected] = [patternsOf(from), patternsOf(to)]
    if (expected.size === 0) return []
    if (given.size !== expected.size || [...given.keys()].some((pattern) => !expected.has(pattern)))
      return [{ field: at, problem: "its `patternProperties` differs" }]
    return [...expected].flatMap(([pattern, schema]) => this.compare(given.get(pattern) ?? anything, schema, `${at}/*`))
  }

  // Any field may be one of those that a pattern takes, unless the other side has patterns of its own.
  #unnamed(from: JsonSchema, to: JsonSchema): JsonSchema | undefined {
    const [others, patterns] = [otherFieldsOf(from), patternsOf(from)]
    if (patterns.size === 0 || patternsOf(to).size > 0) return others
    return { anyOf: [...patterns.values(), ...(others ? [others] : [])] }
  }

  #others(extra: readonly (readonly [string, JsonSchema])[], from: JsonSchema, to: JsonSchema, at: string): Troubles {
    const [given, expected] = [this.#unnamed(from, to), otherFieldsOf(to)]
    if (expected) {
      const named = extra.flatMap(([name, schema]) => this.compare(schema, expected, `${at}/${name}`))
      return given ? [...named, ...this.compare(given, expected, `${at}/*`)] : named
    }
    if (!this.#passage.extrasRefused || to["additionalProperties"] !== false || "patternProperties" in to) return []
    const names = [...extra.map(([name]) => name), ...(given ? ["*"] : [])]
    return names.map((name) => ({ field: `${at}/${name}`, problem: "it is sent, but not allowed" }))
  }

  #names(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    const expected = to["propertyNames"]
    if (!isJsonSchema(expected)) return []
    const known = [...fieldsOf(from).keys()].flatMap((name) => this.compare({ const: name }, expected, `${at}/${name}`))
    const given = from["propertyNames"]
    if (this.#unnamed(from, to) === undefined) return known
    return [...known, ...this.compare({ type: "string", ...(isJsonSchema(given) ? given : {}) }, expected, `${at}/*`)]
  }

  #items(from: JsonSchema, to: JsonSchema, at: string): Troubles {
    const [given, expected] = [listPartsOf(from), listPartsOf(to)]
    const count = Math.max(given.first.length, expected.first.length)
    const first = Array.from({ length: count }, (_, index) => {
      const [own, wanted] = [given.first[index] ?? given.rest, expected.first[index] ?? expected.rest]
      return own && wanted ? this.compare(own, wanted, `${at}/${index}`) : []
    })
    const rest = expected.rest && !given.isClosed ? this.compare(given.rest ?? anything, expected.rest, `${at}/*`) : []
    return [...first.flat(), ...rest, ...this.#lengths(given, expected, at)]
  }

  #lengths(given: ListParts, expected: ListParts, at: string): Troubles {
    const needed = Math.min(expected.least, expected.first.length)
    const missing = needed > given.least ? [{ field: `${at}/${given.least}`, problem: "it is required, but may be missing" }] : []
    const most = given.isClosed ? given.first.length : Number.POSITIVE_INFINITY
    if (!this.#passage.extrasRefused || !expected.isClosed || most <= expected.first.length) return missing
    const field = given.isClosed ? `${at}/${expected.first.length}` : `${at}/*`
    return [...missing, { field, problem: "it is sent, but not allowed" }]
  }
}

/** The fields whose fixed values in both have none in common. */
function namesApart(from: JsonSchema, to: JsonSchema): readonly string[] {
  const given = fieldsOf(from)
  return [...fieldsOf(to)].filter(([name, field]) => areApart(given.get(name) ?? anything, field)).map(([name]) => name)
}

function told(field: string, problem: string | undefined): Troubles {
  return problem === undefined ? [] : [{ field, problem }]
}
