import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import { takePage } from "../../kernel/page.ts"
import type { DeliveryReads, DeliveryStore, DeliveryWrites, StoredShipment } from "./store.ts"

const tables = () => ({ shipments: new MemoryTable<StoredShipment, "orderId">({ orderId: ({ orderId }) => orderId }) })

export const deliveryStoreInMemory: Adapter<DeliveryStore> = memoryStore<ReturnType<typeof tables>, DeliveryReads, DeliveryWrites>({
  tables,
  read: ({ shipments }) => ({
    shipmentOf: async (orderId) => shipments.by("orderId", orderId)[0],
    async shipmentsOfSeller(sellerId, state, page) {
      const own = shipments.all().filter((one) => one.sellerIds.includes(sellerId) && (state ?? one.state) === one.state)
      return takePage(own, page, ({ createdAt, shipmentId }) => ({ at: createdAt, id: shipmentId }))
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
