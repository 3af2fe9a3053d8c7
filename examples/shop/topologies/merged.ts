import { defineTopology } from "@hanok/contract"
import { modules } from "../modules.ts"

/** Everything in one process. */
export default defineTopology({ name: "shop", modules })
