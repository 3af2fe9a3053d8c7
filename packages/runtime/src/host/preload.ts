/**
 * Loads what a service needs when it first needs it, for a process that may have to run one at once later. What is not loaded
 * before is loaded then, so nothing depends on it.
 */
export async function preloadService(): Promise<void> {
  await Promise.all([
    import("fastify"),
    import("jose"),
    import("../recorder/otel/register.ts"),
    import("../recorder/post.ts"),
    import("../wire/client-connection.ts"),
    import("../wire/server-connection.ts"),
  ])
}
