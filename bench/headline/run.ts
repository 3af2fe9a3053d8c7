import type { Row, RunOptions } from "../harness/row.ts"
import { startLoadClient } from "./load/load-client.ts"
import { startDatabase } from "./machine/database.ts"
import { startFloor } from "./machine/floor.ts"
import { startSpanSink } from "./machine/span-sink.ts"
import { measure } from "./measure.ts"
import { openShops } from "./open-shops.ts"
import { planOf } from "./plan.ts"
import { rowsOf } from "./rows.ts"
import { storeKinds } from "./shop-modules.ts"

/** The shop merged, split, and as plain services: first in memory, then on PostgreSQL. Rejects when a contender fails or answers differently. */
export async function run(options: RunOptions): Promise<readonly Row[]> {
  const plan = planOf(options)
  const stack = new AsyncDisposableStack()
  const keep = <T extends { stop(): Promise<void> }>(resource: T) => stack.adopt(resource, (kept) => kept.stop())
  try {
    const sink = keep(await startSpanSink())
    const database = keep(await startDatabase())
    const floor = keep(await startFloor())
    const client = keep(startLoadClient())
    const rows: Row[] = []
    for (const stores of storeKinds) {
      options.report(`stores: ${stores}`)
      const { shops, close } = await openShops(stores, { sink, database })
      try {
        const measured = await measure(shops, plan, { client, database, floor, report: (text) => options.report(text) })
        rows.push(...rowsOf(stores, measured))
      } finally {
        await close()
      }
    }
    return rows
  } finally {
    await stack.disposeAsync()
  }
}
