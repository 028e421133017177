import { CODE_FILE, CODE_FUNCTION, CODE_LINE } from "../attributes.ts"
import type { Evidence } from "./finding.ts"
import type { CodeLocation } from "./model.ts"

/** A place in the code, as evidence of a finding. */
export const codeEvidence = (code: CodeLocation | undefined): Evidence => ({
  ...(code === undefined ? {} : { [CODE_FUNCTION]: code.function }),
  ...(code?.file === undefined ? {} : { [CODE_FILE]: code.file }),
  ...(code?.line === undefined ? {} : { [CODE_LINE]: code.line }),
})
