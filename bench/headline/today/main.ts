import { createGateway } from "./gateway.ts"
import { createService } from "./service.ts"
import { settingsOf } from "./settings.ts"

/** Runs one service, or the gateway, until it is told to stop: `node --import ./tracing.ts main.ts item`. */
const name = process.argv[2] ?? ""
const settings = settingsOf(name)
const app = name === "gateway" ? await createGateway(settings) : await createService(name, settings)
await app.listen({ port: settings.port, host: "127.0.0.1" })
process.once("SIGTERM", () => void app.close().then(() => process.exit()))
