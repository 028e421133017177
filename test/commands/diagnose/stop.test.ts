import { spawn } from "node:child_process"
import { once } from "node:events"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect, it } from "vitest"
import { diagnoseSource } from "../../../src/recordings/diagnosis/diagnose-source.ts"
import { type SpanSource, UnreadableSource } from "../../../src/recordings/source.ts"
import { broken, fixed, renamed } from "../../lifetimes/spans.ts"
import { linesOf, rulesOf, textSource } from "../../recordings/recording.ts"

const partial = "Reading was stopped before the end: this is what was found so far."

const followedBy = <E>(rest: Stream.Stream<never, E>): SpanSource<E | UnreadableSource> => {
  const source = textSource(linesOf(broken, renamed(fixed, 1)))
  return { ...source, read: (log) => Stream.concat(source.read(log), rest) }
}

describe("reading that is stopped", () => {
  it("gives what was found so far, and says that it is not all", async () => {
    const diagnosis = await Effect.runPromise(
      Effect.gen(function* () {
        const stop = yield* Deferred.make<void>()
        return yield* diagnoseSource(followedBy(Stream.never), {
          stop: Deferred.await(stop),
          onProgress: ({ spans }) => {
            if (spans === 12) Deferred.doneUnsafe(stop, Effect.void)
          },
        })
      }),
    )
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 1]])
    expect(diagnosis).toMatchObject({ traces: 2, isPartial: true, notes: [partial] })
  })

  it("does the same where the source breaks off", async () => {
    const broke = Stream.fail(new UnreadableSource({ message: "the disk is gone" }))
    const diagnosis = await Effect.runPromise(
      diagnoseSource(followedBy(broke), { keepTraces: true }),
    )
    expect(rulesOf(diagnosis)).toEqual([["scope-closed-early", 1]])
    expect(diagnosis.kept.map(({ spans }) => spans.length)).toEqual([broken.length])
    expect(diagnosis).toMatchObject({ isPartial: true, notes: [partial, "the disk is gone"] })
  })
})

describe("scopeline diagnose -", () => {
  const start = () => {
    const child = spawn(process.execPath, ["bin/scopeline.js", "diagnose", "-", "--json"])
    let stdout = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    const ended = once(child, "close").then(() => ({
      code: child.exitCode,
      document: JSON.parse(stdout),
    }))
    return { child, ended }
  }

  it("reads standard input to its end", async () => {
    const { child, ended } = start()
    child.stdin.end(linesOf(broken))
    expect(await ended).toMatchObject({
      code: 1,
      document: { traces: 1, spans: 6, exchangesJudged: 1, findings: [{ count: 1 }] },
    })
  }, 30_000)

  it("prints what was found so far when it is interrupted", async () => {
    const { child, ended } = start()
    const text =
      linesOf(broken) + linesOf(...Array.from({ length: 500 }, (_, n) => renamed(fixed, n)))
    // More than a pipe holds: once this is written, it is being read.
    await new Promise((resolve) => child.stdin.write(text, resolve))
    child.kill("SIGINT")
    const { code, document } = await ended
    expect(code).toBe(1)
    expect(document).toMatchObject({ findings: [{ rule: "scope-closed-early", count: 1 }] })
    expect(document.notes[0]).toBe(partial)
  }, 30_000)
})
