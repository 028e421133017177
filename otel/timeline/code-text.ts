import { CODE_FUNCTION } from "../attributes.ts"
import type { Evidence, Finding } from "../lifetimes/finding.ts"
import type { CodeLocation } from "../lifetimes/model.ts"

/** `subscribe, /app/event.ts:12` */
export const codeText = ({ function: name, file, line }: CodeLocation): string =>
  [name, file === undefined ? undefined : [file, line].filter((it) => it !== undefined).join(":")]
    .filter((it) => it !== undefined)
    .join(", ")

/** The evidence of a finding, with its place in the code if that is known and not there already. */
export const shownEvidence = ({ code, evidence }: Finding): Evidence =>
  code === undefined || CODE_FUNCTION in evidence
    ? evidence
    : { "in the code": codeText(code), ...evidence }
