import { test } from "bun:test"
import { runGuarded } from "../../../otel/testing/index.ts"
import { leaking, tidy } from "./programs.ts"

test.concurrent("a program that leaks", () => runGuarded(leaking()))
test.concurrent("a program that is tidy", () => runGuarded(tidy))
