/** Whether a name or an address in a URL can only mean this machine. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|\[?::1\]?|(\[?::ffff:)?127\.\d+\.\d+\.\d+\]?)$/i.test(host)
