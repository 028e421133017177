/**
 * How a program and its sending thread communicate through shared memory: a program that ends reads no messages
 * any more.
 */
export type SenderSignals = Int32Array<SharedArrayBuffer>

const started = 0
const done = 1
/** How many bytes of spans the thread has taken; the counter wraps around. */
const handled = 2

export const makeSignals = (): SenderSignals =>
  new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT))

export const markStarted = (signals: SenderSignals): void => raise(signals, started)

/** Everything has been sent, or there is nothing to wait for. */
export const markDone = (signals: SenderSignals): void => raise(signals, done)

export const markHandled = (signals: SenderSignals, bytes: number): void => {
  Atomics.add(signals, handled, bytes)
}

/** How many of the bytes that were handed over wait for the thread. */
export const backlog = (signals: SenderSignals, handedOver: number): number =>
  (handedOver - Atomics.load(signals, handled)) | 0

/** There is something to send again. */
export const clearDone = (signals: SenderSignals): void => {
  Atomics.store(signals, done, 0)
}

/**
 * Waits for a cleared signal to be set, without a turn of the event loop. It does not wait for a thread that
 * does not start. Returns whether the thread is still sending.
 */
export const awaitDone = (signals: SenderSignals, startMillis: number, millis: number): boolean => {
  const begin = performance.now()
  Atomics.wait(signals, started, 0, Math.max(startMillis, 0))
  if (Atomics.load(signals, started) === 0) return false
  Atomics.wait(signals, done, 0, Math.max(millis - (performance.now() - begin), 0))
  return Atomics.load(signals, done) === 0
}

const raise = (signals: SenderSignals, signal: number): void => {
  Atomics.store(signals, signal, 1)
  Atomics.notify(signals, signal)
}
