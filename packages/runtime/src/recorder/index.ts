export { activeContext } from "./active-context.ts"
export { createRecorder } from "./recorder.ts"
export type { Recorder, RecorderOptions } from "./recorder.ts"
export { formatTraceparent, newRootSpanIds, newSpanIds, parseSpanIds, parseTraceparent, SpanIds } from "./span-ids.ts"
