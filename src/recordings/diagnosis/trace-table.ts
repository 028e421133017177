/** What is known of a trace that is not held: the number of its spans, and their size. */
interface TraceStats {
  readonly spans: number
  readonly bytes: number
}

const smallest = 1024
const words = 4
const fullest = 0.6

const zero = 0x30
const letterA = 0x61

/** Senders choose ids: nobody must be able to predict which ones collide. */
const seed = Math.floor(Math.random() * 2 ** 32)

/**
 * Trace ids with a few numbers each, in some 30 to 50 bytes a trace: a file that is larger than memory has more
 * traces than a `Map` can hold. Ids are 32 lower-case hex digits.
 */
export class TraceTable {
  #capacity: number
  #size = 0
  #ids: Uint32Array
  #spans: Uint32Array
  #bytes: Float64Array
  #marks: Uint8Array

  constructor(capacity = smallest) {
    this.#capacity = capacity
    this.#ids = new Uint32Array(capacity * words)
    this.#spans = new Uint32Array(capacity)
    this.#bytes = new Float64Array(capacity)
    this.#marks = new Uint8Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  has(traceId: string): boolean {
    return this.#spans[this.#slotOf(wordsOf(traceId))] !== 0
  }

  /** Counts spans of a trace. */
  add(traceId: string, spans: number, bytes: number): void {
    if (this.#size >= this.#capacity * fullest) this.#grow()
    this.#addAt(wordsOf(traceId), spans, bytes, 0)
  }

  get(traceId: string): TraceStats {
    const slot = this.#slotOf(wordsOf(traceId))
    return { spans: this.#spans[slot] ?? 0, bytes: this.#bytes[slot] ?? 0 }
  }

  markOf(traceId: string): number {
    return this.#marks[this.#slotOf(wordsOf(traceId))] ?? 0
  }

  /** Sets the mark of a trace that has been added. */
  mark(traceId: string, mark: number): void {
    this.#marks[this.#slotOf(wordsOf(traceId))] = mark
  }

  /** Replaces one mark by another in every trace that has it. */
  remark(from: number, to: number): void {
    for (let slot = 0; slot < this.#capacity; slot++) {
      if (this.#marks[slot] === from) this.#marks[slot] = to
    }
  }

  #addAt(id: Words, spans: number, bytes: number, mark: number): void {
    const slot = this.#slotOf(id)
    if (this.#spans[slot] === 0) {
      this.#size += 1
      this.#ids.set(id, slot * words)
      this.#marks[slot] = mark
    }
    this.#spans[slot] = (this.#spans[slot] ?? 0) + spans
    this.#bytes[slot] = (this.#bytes[slot] ?? 0) + bytes
  }

  /** The place of the id, or the free place where it belongs. */
  #slotOf(id: Words): number {
    let hash = Math.imul(seed ^ id[0] ^ Math.imul(seed + id[1], 0x9e3779b1), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 15) ^ id[2], 0xc2b2ae35)
    hash = Math.imul(hash ^ (hash >>> 13) ^ id[3], 0x27d4eb2f)
    let slot = (hash ^ (hash >>> 16)) >>> 0
    slot %= this.#capacity
    while (this.#spans[slot] !== 0 && !this.#holds(slot, id)) slot = (slot + 1) % this.#capacity
    return slot
  }

  #holds(slot: number, id: Words): boolean {
    const at = slot * words
    return (
      this.#ids[at] === id[0] &&
      this.#ids[at + 1] === id[1] &&
      this.#ids[at + 2] === id[2] &&
      this.#ids[at + 3] === id[3]
    )
  }

  #grow(): void {
    const larger = new TraceTable(this.#capacity * 2)
    for (let slot = 0; slot < this.#capacity; slot++) {
      const spans = this.#spans[slot] ?? 0
      if (spans === 0) continue
      const at = slot * words
      const id: Words = [
        this.#ids[at] ?? 0,
        this.#ids[at + 1] ?? 0,
        this.#ids[at + 2] ?? 0,
        this.#ids[at + 3] ?? 0,
      ]
      larger.#addAt(id, spans, this.#bytes[slot] ?? 0, this.#marks[slot] ?? 0)
    }
    this.#capacity = larger.#capacity
    this.#ids = larger.#ids
    this.#spans = larger.#spans
    this.#bytes = larger.#bytes
    this.#marks = larger.#marks
  }
}

type Words = readonly [number, number, number, number]

const wordsOf = (traceId: string): Words => [
  wordAt(traceId, 0),
  wordAt(traceId, 8),
  wordAt(traceId, 16),
  wordAt(traceId, 24),
]

/**
 * Written by hand because each span that opens a trace needs it: a slice and `parseInt` cost several times
 * that.
 */
const wordAt = (traceId: string, at: number): number => {
  let word = 0
  for (let digit = at; digit < at + 8; digit++) {
    const code = traceId.charCodeAt(digit)
    word = (word << 4) | (code < letterA ? code - zero : code - letterA + 10)
  }
  return word >>> 0
}
