import "reflect-metadata"
import { Module } from "@nestjs/common"
import { NestFactory } from "@nestjs/core"
import { CommandBus, CommandHandler, CqrsModule, QueryBus, QueryHandler } from "@nestjs/cqrs"
import { orderOf } from "../work.ts"
import type { OrderInput } from "../work.ts"
import type { InlineContender } from "./contender.ts"

class PlaceCommand {
  readonly input: OrderInput
  constructor(input: OrderInput) {
    this.input = input
  }
}

class PlaceQuery {
  readonly input: OrderInput
  constructor(input: OrderInput) {
    this.input = input
  }
}

class Place {
  execute({ input }: { readonly input: OrderInput }) {
    return orderOf(input)
  }
}
class PlaceCommandHandler extends Place {}
class PlaceQueryHandler extends Place {}
// oxlint-disable-next-line typescript/no-extraneous-class -- a module of Nest is an empty class.
class AppModule {}

// Decorators are functions; Node runs no decorator syntax.
CommandHandler(PlaceCommand)(PlaceCommandHandler)
QueryHandler(PlaceQuery)(PlaceQueryHandler)
Module({ imports: [CqrsModule.forRoot()], providers: [PlaceCommandHandler, PlaceQueryHandler] })(AppModule)

/** The buses of `@nestjs/cqrs`, which check nothing and record nothing. */
export async function createNestCqrs(): Promise<readonly InlineContender[]> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false })
  await app.init()
  const commands = app.get(CommandBus)
  const queries = app.get(QueryBus)
  return [
    { name: "nest_command_bus", within: (work) => work((input) => commands.execute(new PlaceCommand(input))), close: () => app.close() },
    { name: "nest_query_bus", within: (work) => work((input) => queries.execute(new PlaceQuery(input))) },
  ]
}
