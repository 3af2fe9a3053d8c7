import { fileURLToPath } from "node:url"
import { cores, startChild } from "./child.ts"
import type { Child } from "./child.ts"
import { freePorts } from "./ports.ts"

/** Where all contenders export their spans to. */
export interface SpanSink {
  /** The address for spans of that name. */
  urlFor(name: string): string
  /** How many bytes have come so far, by name. */
  bytes(): Promise<Readonly<Record<string, number>>>
  stop(): Promise<void>
}

export async function startSpanSink(): Promise<SpanSink> {
  const [port = 0] = await freePorts(1)
  const child = startChild({
    core: cores.client,
    args: [fileURLToPath(new URL("./sink.ts", import.meta.url)), String(port)],
    ipc: true,
  })
  await heard(child)
  return {
    urlFor: (name) => `http://127.0.0.1:${port}/${name}`,
    bytes() {
      const answer = heard(child)
      child.process.send("how many?")
      return answer
    },
    stop: () => child.stop(),
  }
}

type Bytes = Readonly<Record<string, number>>

function heard(child: Child): Promise<Bytes> {
  // What the program sends.
  const said = new Promise<Bytes>((resolve) => child.process.once("message", (bytes) => resolve(bytes as Bytes)))
  const died = child.ended.then((code): never => {
    throw new Error(`The sink for spans has ended with ${code}:\n${child.said()}`)
  })
  return Promise.race([said, died])
}
