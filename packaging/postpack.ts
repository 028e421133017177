/** After `npm pack`: puts the manifest and the README of the checkout back. */
import { putBack } from "./files.ts"

putBack()
