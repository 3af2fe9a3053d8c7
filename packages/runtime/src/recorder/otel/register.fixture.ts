import { onTestFinished } from "vitest"
import { createReceiver } from "../receiver.fixture.ts"
import { createRecorder } from "../recorder.ts"
import { registerRecorder } from "./register.ts"

/** A recorder that stands behind OpenTelemetry's API until the test is over; the spans that it has exported, and those that it exports when asked to. */
export async function register() {
  const { url, spans } = await createReceiver()
  const recorder = createRecorder({ resource: {}, endpoint: url, protocol: "http/json", everyMs: 60_000 })
  const registration = registerRecorder(recorder)
  onTestFinished(async () => {
    registration.close()
    await recorder.close(100)
  })
  const exported = async () => {
    await recorder.flush()
    return spans()
  }
  return { registration, recorder, spans, exported }
}
