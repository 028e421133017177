/** Loaded into a program that uses Effect, before the program runs. */
import { basename, extname } from "node:path"
import * as Effect from "effect/Effect"
import { SERVICE_VERSION } from "../attributes.ts"
import { tellHeld } from "../export/held-teller.ts"
import { settingsOrNoExport, type TelemetrySettings } from "../export/settings.ts"
import { isWatched, watchedSettings } from "../export/watch.ts"
import { uncounted } from "../instrument/effect/fiber-ids.ts"
import { harmlessly } from "../instrument/harmlessly.ts"
import { observeProcess, processClock } from "../instrument/process.ts"
import { everything } from "../instrument/records/observes.ts"
import { warn } from "../instrument/warn.ts"
import { defaultGrace } from "../lifetimes/diagnose.ts"
import { fromMillis, type Micros } from "../lifetimes/time.ts"
import { printOpenOnSignal } from "./open-signal.ts"
import { state } from "./process-state.js"
import { exportingTelemetry, tellingTelemetry } from "./telemetry.ts"

/** The package whose script npm runs, or else the file. */
const nameOfProgram = (): string => {
  const [, file = "program"] = process.argv
  return process.env.npm_package_name ?? basename(file, extname(file))
}

/**
 * npm gives the version of the package whose script it runs. That is the program's version if the names are the
 * same.
 */
const withVersion = (settings: TelemetrySettings): TelemetrySettings => {
  const { npm_package_name, npm_package_version = "" } = process.env
  if (npm_package_version === "" || settings.serviceName !== npm_package_name) return settings
  return { ...settings, resource: { [SERVICE_VERSION]: npm_package_version, ...settings.resource } }
}

const readSettings = (): TelemetrySettings =>
  withVersion(Effect.runSync(settingsOrNoExport({ serviceName: nameOfProgram() })))

const graceVariable = "SCOPELINE_GRACE"

const readGrace = (): Micros => {
  const text = process.env[graceVariable] ?? ""
  if (text.trim() === "") return defaultGrace
  const millis = Number(text)
  if (millis >= 0 && Number.isFinite(millis)) return fromMillis(millis)
  warn(`${graceVariable}=${JSON.stringify(text)} is no number of milliseconds: set it like 1000.`)
  return defaultGrace
}

const attach = (): void => {
  const isShown = Effect.runSync(isWatched)
  const settings = isShown ? Effect.runSync(watchedSettings(readSettings())) : readSettings()
  const { endpoint } = settings
  const telemetry =
    endpoint === undefined
      ? tellingTelemetry(settings)
      : exportingTelemetry(settings, endpoint, isShown)
  const options = { grace: readGrace(), markOpen: true, observes: settings.observes ?? everything }
  const { openNow, heldNow, finish } = observeProcess(telemetry, options)
  printOpenOnSignal(openNow)
  const { held } = telemetry
  const endHeld = held === undefined ? undefined : tellHeld(heldNow, held, processClock)
  state.endings.push(() =>
    harmlessly(() => {
      endHeld?.()
      finish()
      telemetry.close()
    }, undefined),
  )
}

state.attachments++
harmlessly(() => uncounted(attach), undefined)
