/** Ends the process with its exit code, whatever modules have left open. Standard output is flushed first, or its error told. */
export function leave(): void {
  if (process.connected) process.disconnect()
  process.stdout.write("", () => setImmediate(() => process.exit()))
}
