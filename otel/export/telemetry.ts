import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { type LifetimesOptions, layerLifetimes } from "../instrument/automatic.ts"
import type { Lifetimes } from "../instrument/lifetimes.ts"
import { everything, observedByBoth } from "../instrument/records/observes.ts"
import { LifetimeSink } from "../instrument/records/sink.ts"
import { fromDuration } from "../lifetimes/duration.ts"
import { fromNanos, type Micros } from "../lifetimes/time.ts"
import { allLost } from "./delivery/losses.ts"
import { heldLooks, layerHeldLooks } from "./held-looks.ts"
import { defaultMarkAfter, superviseOpen } from "./open-markers.ts"
import { layerOpenOnSignal } from "./open-on-signal.ts"
import { closePipeline, openPipeline } from "./pipeline.ts"
import { sdkSink } from "./sdk-sink.ts"
import {
  type SettingsDefaults,
  settingsOrNoExport,
  type TelemetrySettings,
  tracesUrl,
} from "./settings.ts"
import { isWatched, watchedSettings, watchMarkAfter } from "./watch.ts"

export interface TelemetryOptions extends LifetimesOptions {
  /** Enter an OpenTelemetry context for every primitive; needed by other instrumentation, and slow. */
  readonly enterContext?: boolean
  /** After how long markers of an open span are sent: 1 s, 10 s, 1 min and 10 min by default. */
  readonly markAfter?: ReadonlyArray<Duration.Input>
  /** With `markOpen`: tell of scopes, subscriptions and streams too, and not only of exchanges. */
  readonly markLifetimes?: boolean
  /** Print what is open on stderr at SIGUSR2, where the platform has it; `false` by default. */
  readonly openOnSignal?: boolean
}

/**
 * Records the lifetimes of everything under it, and exports them as spans over OTLP/HTTP where the
 * settings name an endpoint. Give it to the whole program, outermost. Under `scopeline watch` the spans go there.
 */
export const layerTelemetry = (
  settings: TelemetrySettings,
  options: TelemetryOptions = {},
): Layer.Layer<Lifetimes> =>
  Layer.unwrap(
    Effect.gen(function* () {
      if (!(yield* isWatched)) return layerRecording(settings, options)
      return layerWatched(yield* watchedSettings(settings), options)
    }),
  )

/** The same for a program that is watched where its settings send its spans. */
export const layerWatched = (
  settings: TelemetrySettings,
  options: TelemetryOptions = {},
): Layer.Layer<Lifetimes> => layerRecording(settings, { ...options, ...watchedOptions })

const watchedOptions = { markOpen: true, markLifetimes: true, isWatched: true } as const

interface RecordingOptions extends TelemetryOptions {
  /** Whether `scopeline watch` shows the program. */
  readonly isWatched?: boolean
}

const layerRecording = (
  settings: TelemetrySettings,
  options: RecordingOptions,
): Layer.Layer<Lifetimes> => {
  const observe = observedByBoth(settings.observes ?? everything, options.observe)
  const recording = layerLifetimes({ ...options, observe })
  const lifetimes =
    options.openOnSignal === true ? Layer.provideMerge(layerOpenOnSignal, recording) : recording
  const { endpoint } = settings
  if (endpoint === undefined) return lifetimes
  const exporter = layerExport(settings, tracesUrl(endpoint), options)
  if (options.isWatched !== true) return Layer.provideMerge(lifetimes, exporter)
  return layerHeldLooks.pipe(Layer.provideMerge(lifetimes), Layer.provideMerge(exporter))
}

/**
 * The same, with the settings of the standard `OTEL_*` variables. A variable that cannot be used is only a
 * warning: it never keeps the program from starting.
 */
export const layerTelemetryFromEnvironment = (
  defaults: SettingsDefaults,
  options: TelemetryOptions = {},
): Layer.Layer<Lifetimes> =>
  Layer.unwrap(
    Effect.map(settingsOrNoExport(defaults), (settings) => layerTelemetry(settings, options)),
  )

const layerExport = (settings: TelemetrySettings, url: string, options: RecordingOptions) =>
  Layer.effectContext(
    Effect.gen(function* () {
      const clock = yield* Clock.Clock
      const now = () => fromNanos(clock.currentTimeNanosUnsafe())
      const markAfter = markAfterOf(options)
      const withLifetimes = options.markLifetimes === true
      const pipeline = yield* Effect.acquireRelease(
        openPipeline(settings, url, now, markAfter),
        closePipeline,
      )
      yield* Effect.acquireRelease(
        Effect.sync(() => superviseOpen({ now, withLifetimes, ...pipeline }, markAfter, clock)),
        (stop) => Effect.sync(stop),
      )
      return Context.make(Tracer.Tracer, pipeline.tracer(options.enterContext ?? false)).pipe(
        Context.add(LifetimeSink, sdkSink({ service: settings.serviceName, now, ...pipeline })),
        Context.merge(heldLooks({ now, lost: () => lostIn(pipeline), ...pipeline })),
      )
    }),
  )

const lostIn = ({ delivery, outlet }: Effect.Success<ReturnType<typeof openPipeline>>): number =>
  allLost(delivery.standing) + outlet.lost()

const markAfterOf = ({
  isWatched,
  markOpen,
  markAfter,
}: RecordingOptions): ReadonlyArray<Micros> => {
  if (isWatched === true) return watchMarkAfter
  return markOpen === true ? (markAfter?.map(fromDuration) ?? defaultMarkAfter) : []
}
