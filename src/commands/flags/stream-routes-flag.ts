import * as Flag from "effect/cli/Flag"
import * as Schema from "effect/Schema"

const Route = Schema.String.check(
  Schema.isPattern(/^([A-Z]+ )?\/\S*$/, {
    message: 'a path such as /event or "GET /event" is expected',
  }),
)

export const streamRoutesFlag = Flag.String("stream-route").pipe(
  Flag.withDescription('Event streams that do not say their content type: /event or "GET /event"'),
  Flag.withSchema(Route),
  Flag.withMetavar("ROUTE"),
  Flag.atLeast(0),
)
