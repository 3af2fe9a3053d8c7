import type { Socket } from "node:net"
import { createInterface } from "node:readline"

/** Tells each message that comes, a line of JSON each; both ends are of this version. Whoever is killed may reset the connection. */
export function eachMessage<Message>(socket: Socket, hear: (message: Message) => void): void {
  socket.on("error", () => undefined)
  const lines = createInterface({ input: socket })
  // Which tells of the socket's error once more.
  lines.on("error", () => undefined)
  lines.on("line", (line) => hear(JSON.parse(line) as Message))
}
