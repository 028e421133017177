import { afterEach, beforeEach, vi } from "@effect/vitest"

/** Keeps what the tests of a `describe` write by `console.error` to look at, and off the screen. */
export const capturedStderr = () => {
  const stderr = vi.fn<typeof console.error>()
  beforeEach(() => {
    stderr.mockReset()
    vi.spyOn(console, "error").mockImplementation(stderr)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
  return stderr
}
