import type { Item, Variant } from "./contract.ts"

type OptionGroups = Item["optionGroups"]
type NewOptionGroups = readonly {
  readonly name: string
  readonly options: readonly Omit<OptionGroups[number]["options"][number], "optionId">[]
}[]

export const mostVariants = 200

/** Gives each option an id that is its own within the item. */
export function withOptionIds(groups: NewOptionGroups): OptionGroups {
  return groups.map(({ name, options }, group) => ({
    name,
    options: options.map((option, index) => ({ optionId: `${group + 1}-${index + 1}`, ...option })),
  }))
}

/** How many ways there are to choose one option from each group. */
export function countVariants(groups: readonly { readonly options: readonly unknown[] }[]): number {
  return groups.reduce((count, { options }) => count * options.length, 1)
}

/** Every way to choose one option from each group; the last group varies fastest. */
export function variantsOf({ itemId, basePriceCents, optionGroups }: Pick<Item, "itemId" | "basePriceCents" | "optionGroups">): Variant[] {
  const choices = optionGroups.reduce<OptionGroups[number]["options"][]>(
    (begun, { options }) => begun.flatMap((chosen) => options.map((option) => [...chosen, option])),
    [[]],
  )
  return choices.map((options) => ({
    sku: [itemId, ...options.map(({ optionId }) => optionId)].join("."),
    optionIds: options.map(({ optionId }) => optionId),
    label: options.map(({ name }) => name).join(", "),
    priceCents: options.reduce((price, { extraPriceCents }) => price + extraPriceCents, basePriceCents),
  }))
}

/** The variant of those options, in whatever order they are named. */
export function variantWith(variants: readonly Variant[], optionIds: readonly string[]): Variant | undefined {
  const wanted = optionIds.toSorted().join(" ")
  return variants.find((variant) => variant.optionIds.toSorted().join(" ") === wanted)
}
