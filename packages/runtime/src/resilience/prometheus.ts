import type { BreakerState } from "./breaker.ts"
import type { ResilienceMetrics } from "./metrics.ts"

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

export const prometheusMediaType = "text/plain; version=0.0.4; charset=utf-8"

const breakerValues: Readonly<Record<BreakerState, number>> = { closed: 0, "half-open": 1, open: 2 }

/** The metrics in Prometheus' text format (version 0.0.4). */
export function prometheusText({ load, gates, seams, replicas }: ResilienceMetrics): string {
  const perGate = (value: (gate: (typeof gates)[number]) => number) => gates.map((gate): Sample => [{ gate: gate.gate }, value(gate)])
  const seam = ({ caller, contract }: (typeof seams)[number]) => ({ caller, contract })
  const perSeam = (value: (of: (typeof seams)[number]) => number) => seams.map((of): Sample => [seam(of), value(of)])
  const perReplica = (value: (of: (typeof replicas)[number]) => number) =>
    replicas.map((of): Sample => [{ service: of.service, replica: of.replica }, value(of)])
  return [
    metric("hanok_utilisation", "gauge", "Calls in flight to limit.", [[{}, load.utilisation]]),
    metric("hanok_event_loop_delay_seconds", "gauge", "Mean delay of the event loop.", [[{}, load.eventLoopDelayMs / 1000]]),
    metric(
      "hanok_gate_in_flight",
      "gauge",
      "Calls being carried out.",
      perGate(({ inFlight }) => inFlight),
    ),
    metric(
      "hanok_gate_limit",
      "gauge",
      "Calls that may be carried out at once.",
      perGate(({ limit }) => limit),
    ),
    metric(
      "hanok_gate_queued",
      "gauge",
      "Calls that wait for their turn.",
      perGate(({ queued }) => queued),
    ),
    metric(
      "hanok_gate_admitted_total",
      "counter",
      "Calls let in.",
      perGate(({ admitted }) => admitted),
    ),
    metric(
      "hanok_gate_late_total",
      "counter",
      "Calls not begun for lack of time.",
      perGate(({ late }) => late),
    ),
    metric(
      "hanok_gate_shed_total",
      "counter",
      "Calls shed.",
      gates.flatMap(({ gate, shed }) => Object.entries(shed).map(([priority, count]): Sample => [{ gate, priority }, count])),
    ),
    metric(
      "hanok_seam_calls_total",
      "counter",
      "Calls to another service.",
      perSeam(({ calls }) => calls),
    ),
    metric(
      "hanok_seam_retries_total",
      "counter",
      "Calls repeated.",
      perSeam(({ retries }) => retries),
    ),
    metric(
      "hanok_seam_hedges_total",
      "counter",
      "Calls sent twice.",
      perSeam(({ hedges }) => hedges),
    ),
    metric(
      "hanok_seam_over_budget_total",
      "counter",
      "Repetitions not made: budget used up.",
      perSeam(({ overBudget }) => overBudget),
    ),
    metric(
      "hanok_seam_stopped_total",
      "counter",
      "Calls stopped by an open breaker.",
      perSeam(({ stoppedByBreaker }) => stoppedByBreaker),
    ),
    metric(
      "hanok_seam_breaker",
      "gauge",
      "0 closed, 1 half open, 2 open.",
      seams.flatMap((of) =>
        Object.entries(of.breakers).map(([replica, state]): Sample => [{ ...seam(of), replica }, breakerValues[state]]),
      ),
    ),
    metric(
      "hanok_replica_ready",
      "gauge",
      "Whether calls can be sent there.",
      perReplica(({ isReady }) => Number(isReady)),
    ),
    metric(
      "hanok_replica_ejected",
      "gauge",
      "Whether it is avoided for a while.",
      perReplica(({ isEjected }) => Number(isEjected)),
    ),
    metric(
      "hanok_replica_in_flight",
      "gauge",
      "Calls without an answer.",
      perReplica(({ inFlight }) => inFlight),
    ),
    metric(
      "hanok_replica_latency_seconds",
      "gauge",
      "Smoothed time to an answer.",
      perReplica(({ latencyMs }) => latencyMs / 1000),
    ),
  ].join("")
}

function metric(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return ""
  const lines = samples.map(([labels, value]) => `${name}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (sign) => (sign === "\n" ? "\\n" : `\\${sign}`))}"`,
  )
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`
}
