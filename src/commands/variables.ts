import * as Context from "effect/Context"

/** The variables of a command, as the program that it starts inherits them. */
export class Variables extends Context.Service<
  Variables,
  Readonly<Record<string, string | undefined>>
>()("scopeline/Variables") {}
