import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import { pagedList, takePage } from "../../kernel/page.memory.ts"
import type { DeliveryReads, DeliveryStore, DeliveryWrites, StoredShipment } from "./store.ts"

const tables = () => ({
  shipments: new MemoryTable(
    { orderId: ({ orderId }: StoredShipment) => orderId },
    {
      all: pagedList(
        () => "",
        ({ createdAt, shipmentId }: StoredShipment) => ({ at: createdAt, id: shipmentId }),
      ),
    },
  ),
})

export const deliveryStoreInMemory: Adapter<DeliveryStore> = memoryStore<ReturnType<typeof tables>, DeliveryReads, DeliveryWrites>({
  tables,
  read: ({ shipments }) => ({
    shipmentOf: async (orderId) => shipments.by("orderId", orderId)[0],
    async shipmentsOfSeller(sellerId, state, page) {
      return takePage(shipments, "all", "", page, (one) => one.sellerIds.includes(sellerId) && (state ?? one.state) === one.state)
    },
  }),
  write: ({ shipments }, changes) => ({
    async insertShipment(shipment) {
      if (shipments.by("orderId", shipment.orderId).length > 0) return false
      changes.put(shipments, shipment.shipmentId, shipment)
      return true
    },
    lockShipment: async (shipmentId) => shipments.get(shipmentId),
    lockShipmentOf: async (orderId) => shipments.by("orderId", orderId)[0],
    async changeShipment(shipmentId, change) {
      const shipment = shipments.get(shipmentId)
      if (shipment) changes.put(shipments, shipmentId, { ...shipment, ...change })
    },
  }),
})
