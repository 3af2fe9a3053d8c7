import { startChild } from "./child.ts"

/** What is posted, always the same. */
export interface Post {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

export interface Loaded {
  readonly requests: number
  readonly ms: number
}

export interface Load {
  /** Posts for so long; rejects at an answer that is not 200. */
  post(post: Post, ms: number): Promise<Loaded>
  stop(): Promise<void>
}

/** A client on the second core that posts the same over 50 connections as fast as it is answered. */
export function startLoad(): Load {
  const child = startChild(new URL("load-process.ts", import.meta.url), [], 1)
  return { post: (post, ms) => child.ask<Loaded>({ ...post, ms }), stop: child.stop }
}
