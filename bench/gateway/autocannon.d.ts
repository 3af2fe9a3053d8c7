declare module "autocannon" {
  /** As much of it as is used here; the package has no types of its own. */
  export default function autocannon(options: {
    readonly url: string
    readonly method: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly connections: number
    /** Seconds. */
    readonly duration: number
  }): Promise<{
    readonly duration: number
    readonly errors: number
    readonly non2xx: number
    readonly "2xx": number
  }>
}
