// Generates the pages of the rules from the rules and from the recordings that are beside the pages.
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { writePages } from "./pages.ts"

await Effect.runPromise(Effect.provide(writePages, NodeServices.layer))
