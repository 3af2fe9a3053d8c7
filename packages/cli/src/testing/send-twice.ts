/** The second time when the first has been heard: signals that wait to be heard are one. */
export function sendTwice(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  process.kill(pid, signal)
}
