import { defineTopology } from "@hanok/contract"
import { modulesInMemory } from "../modules.memory.ts"

/** Everything in one process and without a database. */
export default defineTopology({ name: "shop", modules: modulesInMemory })
