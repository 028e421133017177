import * as Schema from "effect/Schema"
import { printable } from "../../otel/timeline/printable.ts"

/** There is no answer over HTTP from the address. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", {
  server: Schema.String,
  /** What the system said, such as `ECONNREFUSED`, if it is known. */
  reason: Schema.optional(Schema.String),
}) {
  override get message(): string {
    const { reason } = this
    const code = reason === undefined ? "" : ` (${printable(reason, 200)})`
    const problem = problems.find(({ codes }) => reason !== undefined && codes.test(reason))
    return problem === undefined
      ? `${this.server} does not answer${code}: start the server, or correct the address.`
      : `${this.server} ${problem.says}${code}: ${problem.advice}.`
  }
}

/** The reason if an http address is really https. */
export const speaksTlsOnly = "TLS on this port"

const trust = "name a file with the certificate of its authority in NODE_EXTRA_CA_CERTS"

const problems: ReadonlyArray<{
  readonly codes: RegExp
  readonly says: string
  readonly advice: string
}> = [
  {
    codes: /^TLS on this port$/,
    says: "does not speak http",
    advice: "write https:// instead of http://",
  },
  {
    codes: /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST))/,
    says: "does not speak TLS",
    advice: "write http:// instead of https://",
  },
  { codes: /^CERT_HAS_EXPIRED$/, says: "has a certificate that has expired", advice: "renew it" },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    says: "has a certificate that is not valid yet",
    advice: "compare the clocks of both machines",
  },
  {
    codes: /^(?:ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/,
    says: "has a certificate for another name",
    advice: "write the name that the certificate has",
  },
  {
    codes: /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/,
    says: "has a certificate that is self-signed",
    advice: trust,
  },
  {
    codes: /^(?:UNABLE_TO_|CERT_)/,
    says: "has a certificate that cannot be verified",
    advice: trust,
  },
  { codes: /^ENOTFOUND$/, says: "has a host that is not known", advice: "correct the address" },
  { codes: /redirects$/, says: "leads in a circle", advice: "correct what it redirects to" },
]
