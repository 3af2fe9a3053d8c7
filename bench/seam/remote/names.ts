/** The files of this folder's `contenders`. `ws` is the limit: nothing but frames, with the same serialisation and batching. */
export const contenderNames = [
  "hanok",
  "ws",
  "tcp-frames",
  "moleculer-tcp",
  "moleculer-nats",
  "nest-tcp",
  "nest-nats",
  "fastify-undici",
  "hono-undici",
  "trpc",
  "grpc-js",
  "connect",
] as const

export type ContenderName = (typeof contenderNames)[number]
