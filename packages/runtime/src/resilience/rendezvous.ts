/** A hash of 32 bits (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}

/**
 * How much a replica wants a key; the one that wants it most gets it. When replicas come or go, only the keys of those move
 * ("highest random weight": Thaler and Ravishankar, 1998).
 */
export function wish(keyHash: number, replicaHash: number): number {
  // The finaliser of MurmurHash3: every bit of both ends up in every bit of the result.
  let mixed = keyHash ^ Math.imul(replicaHash, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
