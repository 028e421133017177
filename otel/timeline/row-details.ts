/** What is known about a lifetime, for a reader who looks at one row of a drawing. */
import { spanName } from "../attributes.ts"
import { oneLine } from "../lifetimes/error-text.ts"
import {
  type Exchange,
  type Finalizer,
  openedWhere,
  type Queue,
  type Scope,
  type StreamRun,
  type Subscription,
} from "../lifetimes/model.ts"
import { placeText } from "../lifetimes/place-text.ts"

export type Details = ReadonlyArray<readonly [key: string, value: string]>

const entries = (of: ReadonlyArray<readonly [string, string | number | undefined]>): Details =>
  of.flatMap(([key, value]) =>
    value === undefined || value === "" ? [] : [[key, String(value)] as const],
  )

/** Its span was made by another clock, and may begin before the request has arrived. */
export const clientDetails: Details = [["times", "by the client's own clock"]]

export const exchangeDetails = ({ service, contentType, failure }: Exchange): Details =>
  entries([
    ["service", service],
    ["content type", contentType],
    ["failed with", failure && oneLine(failure.message)],
  ])

export const scopeDetails = (scope: Scope): Details =>
  entries([
    ["role", scope.role],
    ["exit", scope.exit],
    ["finalizers", scope.finalizers],
    ["closed by fiber", scope.closedByFiber],
    [openedWhere(scope), scope.code === undefined ? undefined : placeText(scope.code)],
  ])

export const finalizerDetails = ({ what, code }: Finalizer): Details =>
  entries([
    ["kind", what],
    ["registered in", code === undefined ? undefined : placeText(code)],
  ])

export const subscriptionDetails = ({
  owner,
  delivered,
  missed,
  backlogMax,
  capacity,
}: Subscription): Details =>
  entries([
    ["owner", owner.name === "" ? undefined : spanName.scope(owner.name)],
    ["delivered", delivered],
    ["missed", missed === 0 ? undefined : missed],
    ["most waiting", backlogMax],
    ["capacity", capacity],
  ])

export const queueDetails = ({ backlogMax, capacity, code }: Queue): Details =>
  entries([
    ["made in", code === undefined ? undefined : placeText(code)],
    ["most waiting", backlogMax],
    ["capacity", capacity],
  ])

export const streamDetails = ({ fiber, exit, events }: StreamRun): Details =>
  entries([
    ["fiber", fiber],
    ["exit", exit],
    ["events", events],
  ])
