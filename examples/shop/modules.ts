import { couponModule } from "./modules/coupon/module.ts"
import { customerModule } from "./modules/customer/module.ts"
import { deliveryModule } from "./modules/delivery/module.ts"
import { giftModule } from "./modules/gift/module.ts"
import { inventoryModule } from "./modules/inventory/module.ts"
import { itemModule } from "./modules/item/module.ts"
import { notificationModule } from "./modules/notification/module.ts"
import { orderModule } from "./modules/order/module.ts"
import { partnerModule } from "./modules/partner/module.ts"
import { paymentModule } from "./modules/payment/module.ts"
import { settlementModule } from "./modules/settlement/module.ts"

/** The whole shop, each module on a PostgreSQL schema of its own. */
export const modules = [
  customerModule,
  partnerModule,
  itemModule,
  inventoryModule,
  couponModule,
  orderModule,
  paymentModule,
  giftModule,
  deliveryModule,
  notificationModule,
  settlementModule,
]
