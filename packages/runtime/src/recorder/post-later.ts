import type { Poster } from "./post.ts"

/** A poster that is made when it is first needed: what it brings with it is not loaded before. */
export function createPosterLater(url: string, contentType: string, headers: Readonly<Record<string, string>>): Poster {
  let poster: Promise<Poster> | undefined
  const make = async () => (await import("./post.ts")).createPoster(url, contentType, headers)
  return {
    async post(body, timeoutMs) {
      poster ??= make()
      return (await poster).post(body, timeoutMs)
    },
    // What could not be made has been told of with each post.
    close: () =>
      void poster?.then(
        (made) => made.close(),
        () => undefined,
      ),
  }
}
