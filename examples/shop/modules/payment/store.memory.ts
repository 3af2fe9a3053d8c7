import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import type { PaymentReads, PaymentStore, PaymentWrites, StoredPayment } from "./store.ts"

const tables = () => ({ payments: new MemoryTable<StoredPayment>() })

export const paymentStoreInMemory: Adapter<PaymentStore> = memoryStore<ReturnType<typeof tables>, PaymentReads, PaymentWrites>({
  tables,
  read: ({ payments }) => ({ payment: async (orderId) => payments.get(orderId) }),
  write: ({ payments }, changes) => ({
    lockPayment: async (payment) => payments.get(payment.orderId) ?? payment,
    putPayment: async (payment) => changes.put(payments, payment.orderId, payment),
  }),
})
