/** Whether a name or an address, as a URL has it, is this machine itself and nothing else can be meant. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|\[?::1\]?|(\[?::ffff:)?127\.\d+\.\d+\.\d+\]?)$/i.test(host)
