/** What of a Zod 4 schema says what it accepts; see "For library authors" on zod.dev. */
export interface ZodSchema {
  readonly _zod: {
    readonly def: ZodDefinition
    readonly version?: { readonly major: number }
    /** The values of an enumeration or a literal. */
    readonly values?: ReadonlySet<unknown>
    readonly traits: ReadonlySet<string>
  }
}

interface ZodDefinition {
  readonly type: string
  readonly checks?: readonly { readonly _zod: { readonly def: ZodCheck } }[]
  readonly coerce?: boolean
  readonly shape?: Readonly<Record<string, ZodSchema>>
  readonly catchall?: ZodSchema
  readonly element?: ZodSchema
  readonly innerType?: ZodSchema
  readonly defaultValue?: unknown
  readonly keyType?: ZodSchema
  readonly valueType?: ZodSchema
  readonly mode?: string
  readonly options?: readonly ZodSchema[]
  /** Of a union: false when only one option may accept, or a discriminator chooses it. */
  readonly inclusive?: boolean
  readonly discriminator?: string
}

export interface ZodCheck {
  readonly check?: string
  readonly format?: string
  readonly pattern?: RegExp
  readonly minimum?: number
  readonly maximum?: number
  readonly length?: number
  readonly value?: unknown
  readonly inclusive?: boolean
  /** Of an `overwrite`: what the value becomes. */
  readonly tx?: (value: never) => unknown
  /** Of a `refine()`: whether the value fits. */
  readonly fn?: (value: never) => unknown
  /** Whether it is asked at all. */
  readonly when?: unknown
}

export function isZodSchema(value: object): value is ZodSchema {
  const internals = (value as Partial<ZodSchema>)._zod // looked at before it is believed
  return internals?.version?.major === 4 && typeof internals.def === "object" && internals.traits instanceof Set
}

/** The checks of a schema; one such as `z.int()` or `z.uuid()` is a check itself. */
export function checksOf({ _zod: { def, traits } }: ZodSchema): readonly ZodCheck[] {
  const own: readonly ZodCheck[] = traits.has("$ZodCheck") ? [def as ZodCheck] : []
  return [...own, ...(def.checks ?? []).map((check) => check._zod.def)]
}
