import { isAbsolute, relative } from "node:path"
import { checkTopology } from "@hanok/contract"
import type { WiringProblem } from "@hanok/contract"
import type { Violation } from "@hanok/catalog"
import { adviceOf } from "../cli-error.ts"
import { importTopology } from "../config/load-topology.ts"
import type { CheckReport } from "./check.ts"

/** The faults of the topology that a configuration exports; undetermined when it cannot be loaded. */
export async function checkConfiguration(file: string, root: string): Promise<Pick<CheckReport, "violations" | "undetermined">> {
  try {
    const { topology } = await importTopology(file)
    return { violations: checkTopology(topology).map((problem) => violationOf(problem, file, root)), undetermined: [] }
  } catch (error) {
    return { violations: [], undetermined: [{ path: relative(root, file), line: 1, message: adviceOf(error) }] }
  }
}

function violationOf({ message, hint, at }: WiringProblem, file: string, root: string): Violation {
  const [, path = file, line = "1"] = /^(.*?):(\d+)$/.exec(at ?? "") ?? []
  return { path: isAbsolute(path) ? relative(root, path) : path, line: Number(line), rule: "topology", message, allowed: hint }
}
