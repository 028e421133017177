/** An address without the name, the password and the query that may stand in it. */
export const withoutSecrets = (url: string): string => {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
