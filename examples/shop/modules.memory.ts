import { fill } from "@hanok/contract"
import type { Module } from "@hanok/contract"
import { couponModule } from "./modules/coupon/module.ts"
import { couponStoreInMemory } from "./modules/coupon/store.memory.ts"
import { customerModule } from "./modules/customer/module.ts"
import { customerStoreInMemory } from "./modules/customer/store.memory.ts"
import { deliveryModule } from "./modules/delivery/module.ts"
import { deliveryStoreInMemory } from "./modules/delivery/store.memory.ts"
import { giftModule } from "./modules/gift/module.ts"
import { giftStoreInMemory } from "./modules/gift/store.memory.ts"
import { inventoryModule } from "./modules/inventory/module.ts"
import { inventoryStoreInMemory } from "./modules/inventory/store.memory.ts"
import { itemModule } from "./modules/item/module.ts"
import { itemStoreInMemory } from "./modules/item/store.memory.ts"
import { notificationModule } from "./modules/notification/module.ts"
import { notificationStoreInMemory } from "./modules/notification/store.memory.ts"
import { orderModule } from "./modules/order/module.ts"
import { orderStoreInMemory } from "./modules/order/store.memory.ts"
import { partnerModule } from "./modules/partner/module.ts"
import { partnerStoreInMemory } from "./modules/partner/store.memory.ts"
import { paymentModule } from "./modules/payment/module.ts"
import { ledgerInMemory } from "./modules/payment/provider/ledger.memory.ts"
import { simulatedProvider } from "./modules/payment/provider/simulated.ts"
import { paymentStoreInMemory } from "./modules/payment/store.memory.ts"

/** The same shop without a database: its data is gone when it ends. For tests and measurements. */
export const modulesInMemory: readonly Module[] = [
  fill(customerModule, { store: customerStoreInMemory }),
  fill(partnerModule, { store: partnerStoreInMemory }),
  fill(itemModule, { store: itemStoreInMemory }),
  fill(inventoryModule, { store: inventoryStoreInMemory }),
  fill(couponModule, { store: couponStoreInMemory }),
  fill(orderModule, { store: orderStoreInMemory }),
  fill(paymentModule, { store: paymentStoreInMemory, provider: simulatedProvider(ledgerInMemory) }),
  fill(giftModule, { store: giftStoreInMemory }),
  fill(deliveryModule, { store: deliveryStoreInMemory }),
  fill(notificationModule, { store: notificationStoreInMemory }),
]
