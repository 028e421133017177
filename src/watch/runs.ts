import { HOST_ID, SERVICE_INSTANCE_ID, SERVICE_NAME } from "../../otel/attributes.ts"
import { asText } from "../../otel/lifetimes/attribute-reader.ts"
import type { Attributes } from "../../otel/lifetimes/span.ts"
import type { HeldLook } from "../../otel/lifetimes/spans/held.ts"
import type { Micros } from "../../otel/lifetimes/time.ts"
import type { Run } from "../page/snapshot.ts"

/** A program reports every ten seconds what it holds. If it is silent for this long, it is gone. */
const silence: Micros = 25_000_000
/** The same for a program that makes no such reports, once another of its name has come. */
const silenceOfOthers: Micros = 2_000_000

/** Senders choose names and ids, so they could go on for ever. */
const mostInstances = 1_000
const mostRunsListed = 100

/** One process, as its spans name it. */
export interface Instance {
  readonly service: string
  readonly run: number
  readonly isGone: boolean
  /** It is known to have ended: spans that still come were on their way. */
  readonly hasEnded: boolean
  /** When something came from it for the last time. */
  readonly lastHeardAt: Micros
  readonly pid: number | undefined
}

interface KnownInstance extends Instance {
  readonly of: KnownRun
  readonly isHere: boolean
  lastHeardAt: Micros
  lastHeldAt: Micros | undefined
  isGone: boolean
  hasEnded: boolean
  pid: number | undefined
}

interface KnownRun {
  readonly number: number
  readonly service: string
  readonly beganAt: Micros
  pid: number | undefined
  endedAt: Micros | undefined
  readonly instances: Set<KnownInstance>
}

interface RunsOptions {
  /** Whether a process of this machine runs. */
  readonly isRunning: (pid: number) => boolean
  /** What programs of this machine have as `host.id`. */
  readonly host: string
}

/**
 * Which programs there are. A run begins when a new instance of a service appears and the earlier ones are
 * gone; instances that exist at the same time are one run.
 */
export class Runs {
  readonly #options: RunsOptions
  readonly #instances = new Map<string, KnownInstance>()
  /** The resource of a batch of spans is one object. */
  readonly #byResource = new WeakMap<Attributes, KnownInstance>()
  readonly #current = new Map<string, KnownRun>()
  readonly #all: Array<KnownRun> = []
  readonly #gone: Array<Instance> = []
  readonly #back: Array<Instance> = []

  constructor(options: RunsOptions) {
    this.#options = options
  }

  /** The latest run of a service; 0 if nothing has come from it. */
  current(service: string): number {
    return this.#current.get(service)?.number ?? 0
  }

  get all(): ReadonlyArray<Run> {
    return this.#all.map(({ number, service, pid, beganAt, endedAt }) => ({
      number,
      service,
      beganAt,
      ...(pid === undefined ? {} : { pid }),
      ...(endedAt === undefined ? {} : { endedAt }),
    }))
  }

  /** The program that a span with this resource came from, as far as it is known. */
  of(resource: Attributes): Instance | undefined {
    const known = this.#byResource.get(resource) ?? this.#instances.get(keyOf(resource))
    if (known !== undefined) this.#byResource.set(resource, known)
    return known
  }

  /** Something has come from it now. */
  heard(resource: Attributes, now: Micros): Instance {
    const instance = this.#byResource.get(resource) ?? this.#known(resource, now)
    this.#byResource.set(resource, instance)
    instance.lastHeardAt = now
    if (instance.isGone && !instance.hasEnded) {
      instance.isGone = false
      instance.of.endedAt = undefined
      this.#back.push(instance)
    }
    return instance
  }

  /** It reported what it holds. */
  held(resource: Attributes, look: HeldLook, now: Micros): Instance {
    this.heard(resource, now)
    const instance = this.#known(resource, now)
    instance.lastHeldAt = now
    instance.pid ??= look.pid
    instance.of.pid ??= look.pid
    if (look.isLast) this.#end(instance, true)
    return instance
  }

  /** Those that have gone since the last call. */
  takeGone(now: Micros): ReadonlyArray<Instance> {
    for (const instance of this.#instances.values()) this.#look(instance, now)
    return this.#gone.splice(0)
  }

  /** Those that counted as gone and have been heard again since the last call. */
  takeBack(): ReadonlyArray<Instance> {
    return this.#back.splice(0)
  }

  #look(instance: KnownInstance, now: Micros): void {
    if (instance.isGone) return
    const { pid, isHere, lastHeldAt } = instance
    if (pid !== undefined && isHere && !this.#options.isRunning(pid)) this.#end(instance, true)
    else if (lastHeldAt !== undefined && now - lastHeldAt > silence) this.#end(instance, false)
  }

  #end(instance: KnownInstance, hasEnded: boolean): void {
    if (!instance.isGone) this.#gone.push(instance)
    instance.isGone = true
    instance.hasEnded = hasEnded
    const { of } = instance
    if ([...of.instances].every(({ isGone }) => isGone)) of.endedAt = instance.lastHeardAt
  }

  #known(resource: Attributes, now: Micros): KnownInstance {
    const key = keyOf(resource)
    const known = this.#instances.get(key)
    if (known !== undefined) return known
    if (this.#instances.size >= mostInstances) this.#forgetOne()
    const run = this.#runFor(asText(resource[SERVICE_NAME]) ?? "", now)
    const instance: KnownInstance = {
      of: run,
      service: run.service,
      run: run.number,
      isHere: resource[HOST_ID] === this.#options.host,
      lastHeardAt: now,
      lastHeldAt: undefined,
      isGone: false,
      hasEnded: false,
      pid: undefined,
    }
    this.#instances.set(key, instance)
    run.instances.add(instance)
    return instance
  }

  /** Programs that are gone are dropped first. */
  #forgetOne(): void {
    const all = [...this.#instances]
    const [key, instance] = all.find(([, { isGone }]) => isGone) ?? all[0] ?? []
    if (key === undefined || instance === undefined) return
    this.#end(instance, true)
    this.#instances.delete(key)
    const { of } = instance
    of.instances.delete(instance)
    if (of.instances.size === 0 && this.#current.get(of.service) === of) {
      this.#current.delete(of.service)
    }
  }

  #runFor(service: string, now: Micros): KnownRun {
    const current = this.#current.get(service)
    for (const instance of current?.instances ?? []) this.#lookBeside(instance, now)
    if (current !== undefined && [...current.instances].some(({ isGone }) => !isGone))
      return current
    const run: KnownRun = {
      number: (current?.number ?? 0) + 1,
      service,
      beganAt: now,
      pid: undefined,
      endedAt: undefined,
      instances: new Set(),
    }
    this.#current.set(service, run)
    this.#all.push(run)
    if (this.#all.length > mostRunsListed) this.#all.shift()
    return run
  }

  /** Another of its service has come. */
  #lookBeside(instance: KnownInstance, now: Micros): void {
    this.#look(instance, now)
    const { isGone, lastHeldAt, lastHeardAt } = instance
    if (isGone || lastHeldAt !== undefined) return
    if (now - lastHeardAt > silenceOfOthers) this.#end(instance, false)
  }
}

const keyOf = (resource: Attributes): string =>
  JSON.stringify([
    asText(resource[SERVICE_NAME]) ?? "",
    asText(resource[SERVICE_INSTANCE_ID]) ?? "",
  ])
