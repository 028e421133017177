/** Addresses as people write them, and as people may see them. */

/** They are joined with paths, and written either way. */
export const withoutSlash = (address: string): string => address.replace(/\/+$/, "")

/** Without a user name and a password that may stand in it. */
export const withoutCredentials = (url: string): string => {
  const address = new URL(url)
  address.username = ""
  address.password = ""
  return address.href
}

/** Without these and the query. */
export const withoutSecrets = (url: string): string => {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
