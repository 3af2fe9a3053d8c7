import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

/** What `protoc` would make of a file, without it: by protobufjs, which `@grpc/proto-loader` brings. */
export function descriptorSetOf(file: URL): Uint8Array {
  const require = createRequire(createRequire(import.meta.url).resolve("@grpc/proto-loader"))
  const { parse } = require("protobufjs") as { parse(source: string, root: object): { root: { toDescriptor(edition: string): Message } } }
  const { FileDescriptorSet } = require("protobufjs/ext/descriptor") as {
    FileDescriptorSet: { encode(set: Message): { finish(): Uint8Array } }
  }
  const { Root } = require("protobufjs") as { Root: new () => object }
  const { root } = parse(readFileSync(file, "utf8"), new Root())
  return FileDescriptorSet.encode(root.toDescriptor("proto3")).finish()
}

type Message = object
