/** Whether a server with this host listens on every address of this machine. */
export const isAnyAddress = (host: string): boolean => ["0.0.0.0", "::", ""].includes(host)

/** The address under which this machine reaches a server that listens on this host. */
export const addressHere = (host: string, port: number): string =>
  isAnyAddress(host)
    ? `http://127.0.0.1:${port}`
    : `http://${host.includes(":") ? `[${host}]` : host}:${port}`
