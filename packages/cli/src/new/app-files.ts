import { moduleFiles } from "./module-files.ts"
import type { Files } from "./module-files.ts"

/** What a new app depends on besides Hanok, as this repository has it. */
export const versions = { "@types/node": "24.19.2", typescript: "7.0.2", vitest: "5.1.1", zod: "4.6.7" } as const

/** An app with one module; paths are relative to the app's folder. */
export function appFiles(name: string, hanokVersion: string): Files {
  return {
    "package.json": manifest(name, hanokVersion),
    "tsconfig.json": compilerOptions,
    ".gitignore": "node_modules/\n.hanok/\n",
    "hanok.config.ts": configuration(name),
    "README.md": readme(name),
    ...moduleFiles("hello"),
  }
}

function manifest(name: string, hanokVersion: string): string {
  const { zod, ...tools } = versions
  const content = {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: { start: "hanok dev", test: "vitest run", check: "tsc && hanok check" },
    // The command is what a container runs, too: `hanok serve`.
    dependencies: { "@hanok/cli": hanokVersion, "@hanok/contract": hanokVersion, "@hanok/runtime": hanokVersion, zod },
    devDependencies: { "@hanok/testkit": hanokVersion, ...tools },
    engines: { node: ">=24" },
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}

const compilerOptions = `${JSON.stringify(
  {
    compilerOptions: {
      target: "es2025",
      lib: ["es2025", "dom"],
      module: "nodenext",
      types: ["node"],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      noEmit: true,
    },
    include: ["**/*.ts"],
  },
  undefined,
  2,
)}\n`

const configuration = (name: string) => `import { defineTopology } from "@hanok/contract"
import { helloModule } from "./modules/hello/module.ts"

// Everything runs in one process. \`hanok split hello\` moves the module out, into a service of its own.
export default defineTopology({
  name: "${name}",
  modules: [helloModule],
})
`

const readme = (name: string) => `# ${name}

A backend of modules, in one process until one of them needs more.

\`\`\`
npm install
npm start        # serves, reloads on change, and prints what to open
npm test         # each module's own tests
npm run check    # types, and who may import whom
\`\`\`

\`\`\`
curl http://localhost:3000/hello/greetings/Sora
npx hanok trace              # what that request did, with times
npx hanok new module gift    # one more module
npx hanok split hello        # a service of its own, by one line of hanok.config.ts
\`\`\`

- \`hanok.config.ts\`: which modules there are, and which live in a service of their own.
- \`modules/<name>/contract.ts\`: all that others may know about a module. Nothing else of it may be imported.
- \`modules/<name>/module.ts\`: how it is wired.
`
