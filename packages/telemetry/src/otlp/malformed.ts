/** A body that is not what it is said to be; the message says where and what is wrong. */
export class Malformed extends Error {
  override readonly name = "Malformed"
}
