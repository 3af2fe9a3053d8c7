import type { CallInput } from "@hanok/contract"
import type { itemContract } from "../modules/item/contract.ts"

export type NewItem = CallInput<(typeof itemContract)["declarations"]["createItem"]>

const glazes = group("Glaze", ["celadon", 0], ["white", 0], ["iron", 400])
const sizes = group("Size", ["A5", 0], ["A4", 300])
const weights = group("Weight", ["50 g", 0], ["100 g", 900])

/** Twenty items for each of the three partners. */
export const catalogue: readonly (readonly NewItem[])[] = [
  items(
    "thrown by hand in Icheon, fired twice",
    1800,
    [glazes],
    ["Plain", "Crackled", "Inlaid", "Lotus"],
    ["cup", "bowl", "plate", "vase", "moon jar"],
  ),
  items(
    "of mulberry paper, made in winter",
    700,
    [sizes],
    ["Natural", "Indigo", "Persimmon", "Marbled"],
    ["notebook", "lamp shade", "letter set", "fan", "album"],
  ),
  items(
    "from the slopes of Boseong",
    1200,
    [weights],
    ["First flush", "Roasted", "Wild", "Aged"],
    ["green tea", "barley tea", "mugwort tea", "plum tea", "tea gift box"],
  ),
]

function items(
  description: string,
  priceCents: number,
  optionGroups: NewItem["optionGroups"],
  kinds: string[],
  things: string[],
): readonly NewItem[] {
  return things.flatMap((thing, costlier) =>
    kinds.map((kind, finer) => ({
      name: `${kind} ${thing}`,
      description: `${kind} ${thing}, ${description}.`,
      basePriceCents: priceCents * (costlier + 1) + 150 * finer,
      ...(optionGroups ? { optionGroups } : {}),
    })),
  )
}

function group(name: string, ...options: readonly (readonly [string, number])[]) {
  return { name, options: options.map(([option, extraPriceCents]) => ({ name: option, extraPriceCents })) }
}
