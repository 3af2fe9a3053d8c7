/** Ends the process with its exit code, whatever modules have left open. Standard output is flushed first. */
export function leave(): void {
  if (process.connected) process.disconnect()
  process.stdout.write("", () => process.exit())
}
