/** Whether who listens there is reached at every address of this machine. */
export const isAnyAddress = (host: string): boolean => ["0.0.0.0", "::", ""].includes(host)

/** Where a server that listens on this host is asked from this machine. */
export const addressHere = (host: string, port: number): string =>
  isAnyAddress(host)
    ? `http://127.0.0.1:${port}`
    : `http://${host.includes(":") ? `[${host}]` : host}:${port}`
