import type { CodeLocation, Exchange } from "./model.ts"

/**
 * Where the function is called that handled the request, if it called no other. Its body has no place of its own: it
 * runs when the function has returned.
 */
export const handledIn = ({ scopes }: Exchange): CodeLocation | undefined => {
  for (const { role, isAroundCall, code } of scopes) {
    if (role === "request") return isAroundCall ? code : undefined
  }
  return undefined
}
