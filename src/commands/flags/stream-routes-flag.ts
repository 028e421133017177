import * as Flag from "effect/cli/Flag"
import * as Schema from "effect/Schema"

const Route = Schema.String.check(
  Schema.isPattern(/^([A-Z]+ )?\/\S*$/, {
    message: 'a path such as /event or "GET /event" is expected',
  }),
)

export const streamRoutesFlag = Flag.String("stream-route").pipe(
  Flag.withDescription(
    'A route that is an event stream but has no content type in its spans: /event or "GET /event"',
  ),
  Flag.withSchema(Route),
  Flag.withMetavar("ROUTE"),
  Flag.atLeast(0),
)
