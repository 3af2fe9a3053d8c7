import { trace } from "@opentelemetry/api"
import { answerMessages } from "../harness/child.ts"

type Message =
  | { readonly do: "callee"; readonly otlpUrl: string | undefined }
  | { readonly do: "serve"; readonly callee: string; readonly otlpUrl: string | undefined }
  | { readonly do: "cpu" }

const [, , kind, env = "{}"] = process.argv
// For the SDK, written by `run.ts`.
Object.assign(process.env, JSON.parse(env))

answerMessages(async (message: Message) => {
  if (message.do === "cpu") return cpuUs()
  if (kind === "hanok") {
    const { serveHanok, serveHanokCallee } = await import("./hanok.ts")
    return message.do === "callee" ? serveHanokCallee(message.otlpUrl) : serveHanok(message.callee, message.otlpUrl)
  }
  const { servePlain, servePlainCallee } = await import("./plain.ts")
  return message.do === "callee" ? servePlainCallee(message.otlpUrl) : servePlain(message.callee, message.otlpUrl)
})

// The spans of what was asked belong to it, so they are sent before.
async function cpuUs(): Promise<number> {
  // The API's types know neither what stands behind its provider, the SDK's or Hanok's, nor `forceFlush`, which both have.
  const provider = trace.getTracerProvider() as Provider & { getDelegate?(): Provider }
  await (provider.getDelegate?.() ?? provider).forceFlush?.()
  const { user, system } = process.cpuUsage()
  return user + system
}

interface Provider {
  forceFlush?(): Promise<void>
}
