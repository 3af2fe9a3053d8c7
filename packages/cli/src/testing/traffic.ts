import { Agent, request } from "node:http"

/** Requests that follow one upon the other, from several clients at once. */
export interface Traffic {
  /** How often each answer came: the version, or what went wrong. */
  readonly answers: ReadonlyMap<string, number>
  /** Answers from replicas of that process id. */
  readonly pids: ReadonlyMap<number, number>
  stop(): Promise<void>
}

/** Asks for the version again and again; half of the clients keep their connection, half make one for each request. */
export function createTraffic(url: string, clients = 8): Traffic {
  const answers = new Map<string, number>()
  const pids = new Map<number, number>()
  const agent = new Agent({ keepAlive: true })
  const state = { stopped: false }
  const loops = Array.from({ length: clients }, async (_, client) => {
    while (!state.stopped) {
      const { answer, pid } = await ask(url, client % 2 === 0 ? agent : undefined)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      if (pid !== undefined) pids.set(pid, (pids.get(pid) ?? 0) + 1)
    }
  })
  return {
    answers,
    pids,
    async stop() {
      state.stopped = true
      await Promise.all(loops)
      agent.destroy()
    },
  }
}

function ask(url: string, agent: Agent | undefined): Promise<{ readonly answer: string; readonly pid?: number }> {
  return new Promise((resolve) => {
    const asking = request(url, { agent: agent ?? false }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      response.on("error", (error) => resolve({ answer: `broken: ${error.message}` }))
      response.on("end", () => resolve(response.statusCode === 200 ? versionIn(text) : { answer: refusalIn(text) }))
    })
    // A server may close a connection that it takes for idle while the next request is on its way: RFC 9110, section 9.2.2, has it sent again.
    asking.on("error", (error) => resolve(asking.reusedSocket ? ask(url, undefined) : { answer: `failed: ${error.message}` }))
    asking.end()
  })
}

/** Its code says that it was shed before anything was done, for example; the rest differs by request. */
function refusalIn(text: string): string {
  // A problem document.
  const { code, detail } = JSON.parse(text) as { code: string; detail: string }
  return code === "OVERLOADED" ? code : `${code}: ${detail}`
}

function versionIn(text: string): { readonly answer: string; readonly pid: number } {
  // What the project's contract says.
  const { version, pid } = JSON.parse(text) as { version: string; pid: number }
  return { answer: version, pid }
}
