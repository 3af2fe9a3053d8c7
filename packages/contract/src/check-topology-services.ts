import type { Service, Topology } from "./topology.ts"
import type { WiringProblem } from "./wiring-error.ts"

/** Services that name what is not there or what lives elsewhere, replicas that cannot be, a gateway without a place. */
export function checkServices(topology: Topology): readonly WiringProblem[] {
  const found = [
    ...topology.services.flatMap((service) => [...checkName(service), ...unknownModules(service, topology), ...checkReplicas(service)]),
    ...modulesInTwo(topology),
    ...checkGateway(topology),
  ]
  return found.map(({ message, hint }) => ({ message, hint, at: topology.definedAt }))
}

type Finding = Omit<WiringProblem, "at">

function checkName({ name }: Service): readonly Finding[] {
  if (/^[a-z][a-z0-9-]*$/.test(name)) return []
  return [{ message: `"${name}" cannot be a service's name.`, hint: "Begin with a letter; use lower case, digits and dashes." }]
}

function unknownModules({ name, modules }: Service, topology: Topology): readonly Finding[] {
  const known = topology.modules.map(({ contract }) => contract.name)
  return modules
    .filter((module) => !known.includes(module))
    .map((module) => ({
      message: `The service ${name} names the module ${module}, which is not in the topology.`,
      hint: `Add it to \`modules\`, or name one of these: ${known.join(", ")}.`,
    }))
}

function modulesInTwo({ services }: Topology): readonly Finding[] {
  const placed = services.flatMap(({ name, modules }) => Array.from(new Set(modules), (module) => ({ module, name })))
  return [...Map.groupBy(placed, ({ module }) => module)]
    .filter(([, places]) => places.length > 1)
    .map(([module, places]) => ({
      message: `The module ${module} is in more than one place: the services ${places.map(({ name }) => name).join(" and ")}.`,
      hint: "A module lives in one service; for more of it use `replicas`.",
    }))
}

function checkReplicas({ name, replicas: { min, max } }: Service): readonly Finding[] {
  const hint = "Give a whole number from 1 on, or `{ min, max }` with `min` not above `max`."
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1) {
    return [{ message: `The service ${name} is to have ${min === max ? min : `${min} to ${max}`} replicas.`, hint }]
  }
  return min > max ? [{ message: `The service ${name} is to have at least ${min} and at most ${max} replicas.`, hint }] : []
}

function checkGateway({ gateway, services }: Topology): readonly Finding[] {
  const names = services.map(({ name }) => name)
  const place = names.includes(gateway.service)
    ? []
    : [
        {
          message: `The gateway is to run in the service ${gateway.service}, which there is not.`,
          hint: `Name one of these: ${names.join(", ")}.`,
        },
      ]
  const limits = [
    { field: "port", value: gateway.port, min: 0, max: 65_535 },
    { field: "bodyLimitBytes", value: gateway.bodyLimitBytes, min: 1, max: Number.MAX_SAFE_INTEGER },
    { field: "requestsPerSecond", value: gateway.requestsPerSecond, min: 0, max: Number.MAX_SAFE_INTEGER },
    { field: "concurrentRequests", value: gateway.concurrentRequests, min: 1, max: Number.MAX_SAFE_INTEGER },
  ]
  const wrong = limits.filter(({ value, min, max }) => !(value >= min && value <= max))
  return [
    ...place,
    ...wrong.map(({ field, value, min, max }) => ({
      message: `The gateway's \`${field}\` is ${value}.`,
      hint: `Give a number from ${min} ${max === Number.MAX_SAFE_INTEGER ? "on" : `to ${max}`}.`,
    })),
    ...gateway.trustedProxies
      .filter((proxy) => !proxyForm.test(proxy))
      .map((proxy) => ({
        message: `"${proxy}" among the gateway's \`trustedProxies\` is no address.`,
        hint: "Give addresses, or networks such as 10.0.0.0/8.",
      })),
  ]
}

/** Of an address or a network, roughly: a name of a machine is none. */
const proxyForm = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:.]*:[\da-f:.]*)(?:\/\d{1,3})?$/i
