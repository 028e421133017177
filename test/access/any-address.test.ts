import { describe, expect, it } from "vitest"
import { addressHere } from "../../src/access/any-address.ts"

describe("the address of a server from this machine", () => {
  it.each([
    ["127.0.0.1", "http://127.0.0.1:80"],
    ["0.0.0.0", "http://127.0.0.1:80"],
    ["::", "http://127.0.0.1:80"],
    ["::1", "http://[::1]:80"],
    ["my.machine", "http://my.machine:80"],
  ])("that listens on %s is %s", (host, address) => {
    expect(addressHere(host, 80)).toBe(address)
  })
})
