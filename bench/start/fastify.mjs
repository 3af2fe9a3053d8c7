import { fastify } from "fastify"

// Plain JavaScript, as bare as it gets: one route, its input and output described by JSON schemas.
const app = fastify()
const schema = {
  params: { type: "object", required: ["name"], properties: { name: { type: "string", minLength: 1, maxLength: 100 } } },
  response: { 200: { type: "object", required: ["text"], properties: { text: { type: "string" } } } },
}
app.get("/greetings/:name", { schema }, async ({ params }) => ({ text: `Hello, ${params.name}!` }))
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" })
