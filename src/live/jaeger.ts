import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Schedule from "effect/Schedule"
import { withoutSlash } from "../../otel/export/address.ts"
import { fetchServices } from "../recordings/jaeger/client.ts"
import { forwardTo } from "../watch/forwarding.ts"

export interface JaegerAddresses {
  /** Of its API and its pages. */
  readonly ui: string
  /** Where it takes spans. */
  readonly otlp: string
}

const patience = "1 second"
const untilNextTry = "5 seconds"

/** Sends spans on to a Jaeger as soon as one answers. */
export const forwardToJaeger = ({ ui, otlp }: JaegerAddresses) =>
  forwardTo({
    url: `${withoutSlash(otlp)}/v1/traces`,
    headers: {},
    ready: fetchServices(ui).pipe(
      Effect.timeout(patience),
      Effect.retry(Schedule.spaced(untilNextTry)),
      Effect.ignore,
      Effect.provide(FetchHttpClient.layer),
    ),
  })
