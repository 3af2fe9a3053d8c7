import type { Kysely } from "kysely"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { settingsOf } from "../connection/settings.ts"
import { askAs, createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"

/*
 * A database that comes from a dump, or is new where there was one. A server keeps its roles, and their passwords; what roles are set to
 * in a database goes with that, and comes with no dump of it.
 */

interface Tables {
  gift: { id: string }
}
const words = (db: Kysely<Tables>) => ({
  ids: async () => (await db.selectFrom("gift").select("id").orderBy("id").execute()).map(({ id }) => id),
  add: async (id: string) => void (await db.insertInto("gift").values({ id }).execute()),
})

let server: TestServer
let databases = 0
let database = ""

beforeAll(async () => {
  server = await createTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  database = `shop${++databases}`
  await server.ask(`create database ${database}`)
})

function urlOf(name: string): string {
  const url = new URL(server.url)
  url.pathname = `/${name}`
  return url.href
}

function roleIn(name: string, module = "gift"): string {
  return settingsOf({ module, env: { DATABASE_URL: urlOf(name), HANOK_SECRET: "test" } }, undefined).role
}

async function open(name: string, module: string) {
  const migrations = await server.migrations({ "0001_gift.sql": "create table gift (id text primary key)" })
  const filled = await fillStore(postgres({ migrations, read: words, write: words }), module, urlOf(name))
  const add = async (id: string) => {
    await filled.port.transaction(createTestContext(), (tx) => tx.add(id))
    return filled.port.read(createTestContext()).ids()
  }
  return { ...filled, add }
}

async function begun(name: string, id: string, module = "gift"): Promise<readonly string[]> {
  const filled = await open(name, module)
  try {
    await filled.ready()
    return await filled.add(id)
  } finally {
    await filled.close()
  }
}

test("a database that was made anew serves the modules whose roles were there before", async () => {
  expect(await begun(database, "a")).toEqual(["a"])
  await server.ask(`drop database ${database}`)
  await server.ask(`create database ${database}`)
  expect(await begun(database, "b")).toEqual(["b"])
})

test("a database from a dump, in which the roles are set to nothing, serves its modules", async () => {
  expect(await begun(database, "a")).toEqual(["a"])
  await server.ask(`alter role "${roleIn(database)}" in database ${database} reset all`)
  expect(await begun(database, "b")).toEqual(["a", "b"])
})

test("a copy of a database, whose schemas belong to the roles of that, is told how to be given to its own", async () => {
  expect(await begun(database, "a")).toEqual(["a"])
  const copy = `${database}_copy`
  await server.ask(`create database ${copy} template ${database}`)
  const command = `reassign owned by "${roleIn(database)}" to "${roleIn(copy)}"`
  await expect(begun(copy, "b")).rejects.toThrow(`run in this database: ${command}. `)
  await askAs(urlOf(copy), command)
  expect(await begun(copy, "b")).toEqual(["a", "b"])
  expect(await begun(database, "c")).toEqual(["a", "c"])
})

test("a module that has got another name is told how its schema of before, which was given that name, becomes its own", async () => {
  expect(await begun(database, "a")).toEqual(["a"])
  await askAs(urlOf(database), "alter schema gift rename to present")
  const command = `reassign owned by "${roleIn(database)}" to "${roleIn(database, "present")}"`
  await expect(begun(database, "b", "present")).rejects.toThrow(`or it or the module renamed, run in this database: ${command}. `)
  await askAs(urlOf(database), command)
  expect(await begun(database, "b", "present")).toEqual(["a", "b"])
})

test("a schema that was restored without its owner is told so, and so are tables", async () => {
  await begun(database, "a")
  const role = roleIn(database)
  await askAs(urlOf(database), "alter schema gift owner to current_user; alter table gift.hanok_migration owner to current_user")
  await expect(begun(database, "b")).rejects.toThrow(`restore it with what it belongs to, the role ${role}`)
  await askAs(urlOf(database), `alter schema gift owner to "${role}"`)
  await expect(begun(database, "b")).rejects.toThrow(`does not belong to the role ${role}: it may not read hanok_migration`)
})
