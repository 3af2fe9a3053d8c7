import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { z } from "zod"

const greetingContract = defineContract("greeting", {
  /** Greets in plain text. */
  greet: query({
    input: z.object({ name: z.string().min(1).max(100) }),
    output: z.object({ text: z.string() }),
    http: "GET /greetings/{name}",
    access: "public",
  }),
})

const greetingModule = defineModule({
  contract: greetingContract,
  owner: "team-greeting",
  handlers: {
    greet:
      () =>
      async ({ name }) => ({ text: `Hello, ${name}!` }),
  },
})

export default defineTopology({ name: "hello", modules: [greetingModule] })
