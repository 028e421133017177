/** The bytes of JSON. */
export const tab = 0x09
export const carriageReturn = 0x0d
export const space = 0x20
export const quote = 0x22
export const comma = 0x2c
export const zero = 0x30
export const nine = 0x39
export const colon = 0x3a
export const openBracket = 0x5b
export const backslash = 0x5c
export const closeBracket = 0x5d
export const openBrace = 0x7b
export const closeBrace = 0x7d

const bytesWhere = (is: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (is(byte) ? 1 : 0))

/** What stands for itself within a string. */
export const plain = bytesWhere(
  (byte) => byte >= space && byte < 0x80 && byte !== quote && byte !== backslash,
)
export const hexDigits = bytesWhere((byte) => /[0-9a-f]/.test(String.fromCharCode(byte)))
export const partsOfNumber = bytesWhere((byte) => /[0-9+\-.eE]/.test(String.fromCharCode(byte)))
export const letters = bytesWhere((byte) => /[a-z]/.test(String.fromCharCode(byte)))
