// Makes what is published of each package, in `build/node_modules/@hanok`.
import { join, relative } from "node:path"
import { parseArgs } from "node:util"
import { build } from "./build.ts"

const usage = `npm run build [-- --out <folder>]

Makes what is published of each package: JavaScript, declarations and a manifest, in <folder>/node_modules/@hanok
(build/node_modules/@hanok when no folder is given). \`npm pack ./build/node_modules/@hanok/cli\` makes an archive of one.
`

try {
  const { values } = parseArgs({ options: { out: { type: "string" }, help: { type: "boolean" } } })
  if (values.help) process.stdout.write(usage)
  else {
    const root = join(import.meta.dirname, "../..")
    for (const { name, folder, bytes } of await build({ root, out: values.out ?? join(root, "build") })) {
      console.log(`${name.padEnd(18)} ${String(Math.ceil(bytes / 1024)).padStart(4)} KB  ${relative(process.cwd(), folder)}`)
    }
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  process.exitCode = 2
}
