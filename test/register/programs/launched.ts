/** A server that runs until it is stopped. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Layer } from "effect"
import { address, server } from "./ticks.ts"

const announced = Layer.effectDiscard(
  Effect.flatMap(address, (url) => Console.log(`Listening on ${url}`)),
)

NodeRuntime.runMain(Layer.launch(Layer.provide(announced, server)))
