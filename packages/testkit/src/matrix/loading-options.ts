const valued = new Set(["--import", "--require", "-r", "--loader", "--experimental-loader", "--conditions", "-C"])

/** Of the options that a process of Node was started with, those that say how it reads modules. */
export function loadingOptions(execArgv: readonly string[]): string[] {
  return execArgv.flatMap((option, at) => {
    const [name = ""] = option.split("=", 1)
    if (!valued.has(name)) return []
    return name === option ? execArgv.slice(at, at + 2) : [option]
  })
}
