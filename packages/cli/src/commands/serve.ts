import type { Command } from "commander"
import { oncePerPress } from "../once-per-press.ts"

/**
 * Long enough for a load balancer that looks every 2 s and believes the third answer, as HAProxy does unless it is told otherwise, and
 * for callers that look up every 2 s what a name server may keep for 5, as that of Kubernetes does.
 */
const lingerMs = 7_000

export function addServe(program: Command): void {
  program
    .command("serve")
    .argument("<service>", "a service of the topology")
    .description("run one service, as a container would")
    .option("--config <file>", "the topology (default: the nearest hanok.config.ts)")
    .addHelpText("after", environmentHelp)
    .action(async (service: string, options: { config?: string }) => {
      // Before anything is read: the first process of a container hears of a signal only when it listens.
      const stop = toldToStop()
      const [{ serve }, { consoleIntoLog }] = await Promise.all([import("../serve/serve.ts"), import("../serve/console-into-log.ts")])
      consoleIntoLog()
      await serve({ service, config: options.config, env: process.env, stop })
    })
}

/** Resolves with how long load balancers and callers may need to see it. A second Ctrl-C ends the process at once. */
function toldToStop(): Promise<number> {
  return new Promise((resolve) => {
    // Who is told once more, as by npm in a group whose processes are all told, goes on with what it does.
    process.on("SIGTERM", () => resolve(lingerMs))
    let isPressed = false
    oncePerPress("SIGINT", () => {
      if (isPressed) process.exit(130)
      isPressed = true
      // Where no load balancer is.
      resolve(0)
    })
  })
}

const environmentHelp = `
Environment:
  HANOK_SECRET                 shared by the services of one environment
                               (needed)
  HANOK_ADDRESSES              where the others are:
                               inventory=10.0.0.1:7000;order=dns:order:7000
  HANOK_SEAM_PORT              where the others call this one (default: a free
                               port)
  HANOK_GATEWAY_PORT           the gateway's port, in the service that has it
  HANOK_LISTEN_HOST            0.0.0.0 to be reached from other machines
                               (default: 127.0.0.1)
  HANOK_LOG_LEVEL              debug, info, warn or error
  HANOK_JWKS_URL               users' tokens of an identity provider, with
                               HANOK_JWT_ISSUER and HANOK_JWT_AUDIENCE
  DATABASE_URL                 PostgreSQL, for modules that need it
  OTEL_EXPORTER_OTLP_ENDPOINT  where spans are sent

Example: HANOK_SECRET=... HANOK_SEAM_PORT=7000 hanok serve inventory`
