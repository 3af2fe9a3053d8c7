import { answerMessages } from "../harness/child.ts"

type Message =
  | { readonly do: "callee" }
  | { readonly do: "serve"; readonly callee: string; readonly otlpUrl: string | undefined }
  | { readonly do: "cpu" }

const kind = process.argv[2]

answerMessages(async (message: Message) => {
  if (message.do === "cpu") {
    const { user, system } = process.cpuUsage()
    return user + system
  }
  if (kind === "hanok") {
    const { serveHanok, serveHanokCallee } = await import("./hanok.ts")
    return message.do === "callee" ? serveHanokCallee() : serveHanok(message.callee, message.otlpUrl)
  }
  const { servePlain, servePlainCallee } = await import("./plain.ts")
  return message.do === "callee" ? servePlainCallee() : servePlain(message.callee, message.otlpUrl)
})
