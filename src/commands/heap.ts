import * as Context from "effect/Context"

/** The heap of the process that a command runs in. */
export class Heap extends Context.Service<
  Heap,
  {
    /**
     * Keeps it close to what is in use, for a command that holds much for long: by default it grows to several
     * times that.
     */
    readonly keepSmall: () => void
    /** Keeps it within twice that, for a command that reads much in little time and keeps little of it. */
    readonly keepModest: () => void
  }
>()("scopeline/Heap") {}
