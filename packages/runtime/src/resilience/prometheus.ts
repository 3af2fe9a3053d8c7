import type { BreakerState } from "./breaker.ts"
import type { GateMetrics, ModuleMetrics, ReplicaMetrics, ServiceMetrics, SeamMetrics } from "./metrics.ts"

export const prometheusMediaType = "text/plain; version=0.0.4; charset=utf-8"

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]
/** A name, its help text, and what it is of one thing; names that end in `_total` are counters. */
type Definition<T> = readonly [name: string, help: string, samples: (of: T) => number | readonly Sample[]]

const breakerValues: Readonly<Record<BreakerState, number>> = { closed: 0, "half-open": 1, open: 2 }

const ofProcess: readonly Definition<ServiceMetrics>[] = [
  ["hanok_utilisation", "Calls in flight by the limit, of whichever gate is fuller; at most 1.", ({ load }) => load.utilisation],
  ["hanok_event_loop_delay_seconds", "Mean delay of the event loop.", ({ load }) => load.eventLoopDelayMs / 1000],
  ["hanok_spans_dropped_total", "Spans recorded but not exported.", ({ spansDropped }) => spansDropped],
  ["hanok_log_lines_dropped_total", "Lines of log not written: nobody read them.", ({ logLinesDropped }) => logLinesDropped],
  ["hanok_connections_held", "Peers that do not take their answers, and are not read from.", ({ connectionsHeld }) => connectionsHeld],
]

const ofGate: readonly Definition<GateMetrics>[] = [
  ["hanok_gate_in_flight", "Calls being carried out.", ({ inFlight }) => inFlight],
  ["hanok_gate_limit", "Calls that may be carried out at once.", ({ limit }) => limit],
  ["hanok_gate_queued", "Calls that wait for their turn.", ({ queued }) => queued],
  ["hanok_gate_admitted_total", "Calls let in.", ({ admitted }) => admitted],
  ["hanok_gate_late_total", "Calls not begun for lack of time.", ({ late }) => late],
  ["hanok_gate_rate_limited_total", "Requests refused because their client asks too often.", ({ rateLimited }) => rateLimited],
  ["hanok_gate_shed_total", "Calls shed.", ({ shed }) => Object.entries(shed).map(([priority, count]) => [{ priority }, count])],
  [
    "hanok_gate_compartment_in_flight",
    "Calls being carried out, by caller; at the gateway by module.",
    ({ compartments }) => Object.entries(compartments).map(([compartment, count]) => [{ compartment }, count]),
  ],
]

const ofModule: readonly Definition<ModuleMetrics>[] = [
  ["hanok_repeated_total", "Commands and events that came again after they were done.", ({ repeated }) => repeated],
  [
    "hanok_deliveries_total",
    "Events brought to subscribers, and those that could not be.",
    ({ deliveries }) => Object.entries(deliveries ?? {}).map(([outcome, count]) => [{ outcome }, count]),
  ],
  [
    "hanok_reaction_limit",
    "Deliveries of an event to a subscriber that may be under way; 0 while it rests.",
    ({ reactions }) => reactions.map(({ event, subscriber, limit }) => [{ event, subscriber }, limit]),
  ],
  [
    "hanok_reaction_lag_seconds",
    "Age of the event that was tried last; 0 when none waits.",
    ({ reactions }) => reactions.map(({ event, subscriber, lagMs }) => [{ event, subscriber }, lagMs / 1000]),
  ],
  [
    "hanok_job_runs_total",
    "Runs of jobs, and those that failed.",
    ({ jobs }) =>
      jobs.flatMap(({ job, ...counts }) => Object.entries(counts).map(([outcome, count]) => [{ job, outcome }, count] as const)),
  ],
]

const ofSeam: readonly Definition<SeamMetrics>[] = [
  ["hanok_seam_calls_total", "Calls to another service.", ({ calls }) => calls],
  [
    "hanok_seam_failures_total",
    "Calls that ended with a fault.",
    ({ failures }) => Object.entries(failures).map(([code, count]) => [{ code }, count]),
  ],
  ["hanok_seam_passed_on_total", "Calls of others, passed on to where their module lives.", ({ passedOn }) => passedOn],
  ["hanok_seam_waited_total", "How often a call found no replica, and waited for one.", ({ waited }) => waited],
  ["hanok_seam_retries_total", "Calls repeated.", ({ retries }) => retries],
  ["hanok_seam_hedges_total", "Calls sent to a second replica too.", ({ hedges }) => hedges],
  ["hanok_seam_hedges_won_total", "Second replicas that answered first.", ({ hedgesWon }) => hedgesWon],
  ["hanok_seam_over_budget_total", "Repetitions not made: the budget was used up.", ({ overBudget }) => overBudget],
  ["hanok_seam_stopped_total", "Calls stopped by an open breaker.", ({ stoppedByBreaker }) => stoppedByBreaker],
  [
    "hanok_seam_breaker",
    "0 closed, 1 half open, 2 open.",
    ({ breakers }) => Object.entries(breakers).map(([replica, state]) => [{ replica }, breakerValues[state]]),
  ],
]

const ofReplica: readonly Definition<ReplicaMetrics>[] = [
  ["hanok_replica_ready", "Whether calls can be sent there.", ({ isReady }) => Number(isReady)],
  ["hanok_replica_ejected", "Whether it is avoided for a while.", ({ isEjected }) => Number(isEjected)],
  ["hanok_replica_in_flight", "Calls without an answer.", ({ inFlight }) => inFlight],
  ["hanok_replica_latency_seconds", "Smoothed time to an answer.", ({ latencyMs }) => latencyMs / 1000],
]

/** The metrics in Prometheus' text format (version 0.0.4). */
export function prometheusText(metrics: ServiceMetrics): string {
  return [
    ...ofProcess.map((definition) => written(definition, [metrics], () => ({}))),
    ...ofGate.map((definition) => written(definition, metrics.gates, ({ gate }) => ({ gate }))),
    ...ofModule.map((definition) => written(definition, metrics.modules, ({ module }) => ({ module }))),
    ...ofSeam.map((definition) => written(definition, metrics.seams, ({ caller, contract, service }) => ({ caller, contract, service }))),
    ...ofReplica.map((definition) => written(definition, metrics.replicas, ({ service, replica }) => ({ service, replica }))),
  ].join("")
}

function written<T>([name, help, samplesOf]: Definition<T>, things: readonly T[], labelsOf: (of: T) => Labels): string {
  const lines = things.flatMap((thing) => {
    const found = samplesOf(thing)
    const samples: readonly Sample[] = typeof found === "number" ? [[{}, found]] : found
    return samples.map(([labels, value]) => `${name}${labelText({ ...labelsOf(thing), ...labels })} ${value}\n`)
  })
  if (lines.length === 0) return ""
  return `# HELP ${name} ${help}\n# TYPE ${name} ${name.endsWith("_total") ? "counter" : "gauge"}\n${lines.join("")}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")
}
