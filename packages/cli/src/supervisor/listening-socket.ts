import * as net from "node:net"
import type { Socket } from "node:net"
import { getSystemErrorName } from "node:util"
import { CliError } from "../cli-error.ts"

/** A port that is bound here and listened on elsewhere: it stays open while the processes that listen on it come and go. */
export interface ListeningSocket {
  readonly host: string
  /** The one that was asked for: 0 for any. */
  readonly wishedPort: number
  /** The one that it is. */
  readonly port: number
  readonly url: string
  /** To be sent with a message to a child process. */
  readonly handle: Socket
  close(): void
}

interface Handle {
  close(): void
  getsockname(out: { port?: number }): number
}

// What Node's cluster binds its shared sockets with. A `net.Server` would do, if it did not accept connections itself.
type CreateHandle = (host: string, port: number, family: 4 | 6) => Handle | number
const createHandle = (net as unknown as { readonly _createServerHandle: CreateHandle })._createServerHandle

/** Binds a port; 0 takes a free one. Throws a `CliError` when it is taken. */
export function bindSocket(host: string, port: number): ListeningSocket {
  const handle = createHandle(host, port, host.includes(":") ? 6 : 4)
  if (typeof handle === "number") throw cannotBind(host, port, getSystemErrorName(handle))
  const bound: { port?: number } = {}
  // A port that is taken is told of here: the system's answer to binding is kept back until then.
  const trouble = handle.getsockname(bound)
  if (trouble < 0) {
    handle.close()
    throw cannotBind(host, port, getSystemErrorName(trouble))
  }
  const boundPort = bound.port ?? port
  return {
    host,
    wishedPort: port,
    port: boundPort,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    // Node's types know only sockets made by its own classes as what can be sent.
    handle: handle as unknown as Socket,
    close: () => handle.close(),
  }
}

export function noAddress(host: string): CliError {
  const message = `HANOK_LISTEN_HOST is "${host}", which is no address and names none.`
  return new CliError(message, "It takes one of this machine, such as 127.0.0.1 or 0.0.0.0.", 2)
}

/** `choice` is what to say for a free one: in `hanok dev` its option, which goes before the environment. */
export function cannotBind(host: string, port: number | string, code: string, choice = "--port 0"): CliError {
  if (code !== "EADDRINUSE") {
    return new CliError(`Port ${port} of ${host} cannot be opened: ${code}.`, `Choose another port or address: ${choice}`, 3)
  }
  return new CliError(
    `Port ${port} is taken by another program.`,
    `Stop that program, or choose another port (0 takes a free one): ${choice}`,
    3,
  )
}
