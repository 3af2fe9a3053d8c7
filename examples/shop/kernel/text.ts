import { z } from "zod"

/** One line of text, without spaces at its ends. Databases and JSON cannot carry NUL and half surrogate pairs, so they are refused here. */
export function text(longest: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not hold control characters")
}

/** Text of several lines; it may be empty. */
export function paragraph(longest: number) {
  return z
    .string()
    .max(longest)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\t])*$/u, "must not hold control characters")
}

/** Digits with an optional country code. */
export const Phone = z.string().regex(/^\+?[0-9-]{7,20}$/)
