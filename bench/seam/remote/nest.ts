import "reflect-metadata"
import { Controller, Module } from "@nestjs/common"
import { NestFactory } from "@nestjs/core"
import { ClientProxyFactory, MessagePattern, Payload } from "@nestjs/microservices"
import type { ClientOptions, MicroserviceOptions } from "@nestjs/microservices"
import { firstValueFrom } from "rxjs"
import { orderOf } from "../work.ts"
import type { Order, OrderInput } from "../work.ts"
import type { RemoteContender } from "./contender.ts"

class OrderController {
  place(input: OrderInput) {
    return orderOf(input)
  }
}
// oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is an empty class.
class AppModule {}

// Decorators are functions; Node runs no decorator syntax.
const place = Object.getOwnPropertyDescriptor(OrderController.prototype, "place")
if (place) MessagePattern("place")(OrderController.prototype, "place", place)
Payload()(OrderController.prototype, "place", 0)
Reflect.defineMetadata("design:paramtypes", [Object], OrderController.prototype, "place")
Controller()(OrderController)
Module({ controllers: [OrderController] })(AppModule)

/** Nest's microservice transport and its client. */
export function nestWith(
  optionsOf: (address: string) => MicroserviceOptions & ClientOptions,
  address: () => Promise<string>,
): RemoteContender {
  return {
    async serve() {
      const place = await address()
      const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, { ...optionsOf(place), logger: false })
      await app.listen()
      return place
    },
    async within(place, work) {
      const client = ClientProxyFactory.create(optionsOf(place))
      await client.connect()
      await work((input) => firstValueFrom(client.send<Order, OrderInput>("place", input)))
      await client.close()
    },
  }
}
