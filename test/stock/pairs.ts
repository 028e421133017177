import type { Pair } from "./pair.ts"
import { pair as alchemy308 } from "./pairs/alchemy-308.ts"
import { pair as artemis13370 } from "./pairs/artemis-13370.ts"
import { pair as busOfACall } from "./pairs/bus-of-a-call.ts"
import { pair as busOfTheHandler } from "./pairs/bus-of-the-handler.ts"
import { pair as busOfTheProgram } from "./pairs/bus-of-the-program.ts"
import { pair as childOfAHandler } from "./pairs/child-of-a-handler.ts"
import { pair as claudeCodeProxy114 } from "./pairs/claude-code-proxy-114.ts"
import { pair as codesesh309 } from "./pairs/codesesh-309.ts"
import { pair as contextLost } from "./pairs/context-lost.ts"
import { pair as countedInANestedScope } from "./pairs/counted-in-a-nested-scope.ts"
import { pair as defectOfAFeeder } from "./pairs/defect-of-a-feeder.ts"
import { pair as effect2828 } from "./pairs/effect-2828.ts"
import { pair as effect3187 } from "./pairs/effect-3187.ts"
import { pair as effect7342 } from "./pairs/effect-7342.ts"
import { pair as effectInngest3 } from "./pairs/effect-inngest-3.ts"
import { pair as effectSmol2011 } from "./pairs/effect-smol-2011.ts"
import { pair as failureOfItsOwn } from "./pairs/failure-of-its-own.ts"
import { pair as feederOfACall } from "./pairs/feeder-of-a-call.ts"
import { pair as feederOfAHandle } from "./pairs/feeder-of-a-handle.ts"
import { pair as feederOfAMap } from "./pairs/feeder-of-a-map.ts"
import { pair as feederOfARequest } from "./pairs/feeder-of-a-request.ts"
import { pair as feederOfASet } from "./pairs/feeder-of-a-set.ts"
import { pair as fs21982 } from "./pairs/fs2-1982.ts"
import { pair as graphqlWs532 } from "./pairs/graphql-ws-532.ts"
import { pair as greetingOfACall } from "./pairs/greeting-of-a-call.ts"
import { pair as harper1399 } from "./pairs/harper-1399.ts"
import { pair as headOfAStream } from "./pairs/head-of-a-stream.ts"
import { pair as hyper2787 } from "./pairs/hyper-2787.ts"
import { pair as joinedAfterItsScope } from "./pairs/joined-after-its-scope.ts"
import { pair as joinedAfterTheStart } from "./pairs/joined-after-the-start.ts"
import { pair as kilocode11142 } from "./pairs/kilocode-11142.ts"
import { pair as kuksaDatabroker60 } from "./pairs/kuksa-databroker-60.ts"
import { pair as leakOfACall } from "./pairs/leak-of-a-call.ts"
import { pair as lmProxy88 } from "./pairs/lm-proxy-88.ts"
import { pair as losingEvents } from "./pairs/losing-events.ts"
import { pair as losingEventsOfACall } from "./pairs/losing-events-of-a-call.ts"
import { pair as losingEventsOfAHang } from "./pairs/losing-events-of-a-hang.ts"
import { pair as losingEventsOfALookup } from "./pairs/losing-events-of-a-lookup.ts"
import { pair as losingEventsOfAMerge } from "./pairs/losing-events-of-a-merge.ts"
import { pair as losingEventsOfARace } from "./pairs/losing-events-of-a-race.ts"
import { pair as losingEventsOfASocket } from "./pairs/losing-events-of-a-socket.ts"
import { pair as mapOfTheFirst } from "./pairs/map-of-the-first.ts"
import { pair as midnightWallet151 } from "./pairs/midnight-wallet-151.ts"
import { pair as miscountedQueue } from "./pairs/miscounted-queue.ts"
import { pair as miscountedSubscription } from "./pairs/miscounted-subscription.ts"
import { pair as opencode15645Heartbeats } from "./pairs/opencode-15645-heartbeats.ts"
import { pair as opencode15645Listeners } from "./pairs/opencode-15645-listeners.ts"
import { pair as opencode27959 } from "./pairs/opencode-27959.ts"
import { pair as opencode27966 } from "./pairs/opencode-27966.ts"
import { pair as opencode31923Callback } from "./pairs/opencode-31923-callback.ts"
import { pair as opencode31923Queue } from "./pairs/opencode-31923-queue.ts"
import { pair as opencode36311 } from "./pairs/opencode-36311.ts"
import { pair as opencode38458 } from "./pairs/opencode-38458.ts"
import { pair as opencti12273 } from "./pairs/opencti-12273.ts"
import { pair as opencti13908 } from "./pairs/opencti-13908.ts"
import { pair as orphanFiber } from "./pairs/orphan-fiber.ts"
import { pair as orphanOfACall } from "./pairs/orphan-of-a-call.ts"
import { pair as pollerOfAStream } from "./pairs/poller-of-a-stream.ts"
import { pair as proxyInANestedScope } from "./pairs/proxy-in-a-nested-scope.ts"
import { pair as pubsubHandedOut } from "./pairs/pubsub-handed-out.ts"
import { pair as pubsubOfAPost } from "./pairs/pubsub-of-a-post.ts"
import { pair as pubsubOfTheFirst } from "./pairs/pubsub-of-the-first.ts"
import { pair as queueHandedOut } from "./pairs/queue-handed-out.ts"
import { pair as queueOfACall } from "./pairs/queue-of-a-call.ts"
import { pair as queueOfAPost } from "./pairs/queue-of-a-post.ts"
import { pair as queueOfTheFirst } from "./pairs/queue-of-the-first.ts"
import { pair as queueThatIsShutDown } from "./pairs/queue-that-is-shut-down.ts"
import { pair as redisson61 } from "./pairs/redisson-61.ts"
import { pair as relayOfACall } from "./pairs/relay-of-a-call.ts"
import { pair as relayOfTheFirst } from "./pairs/relay-of-the-first.ts"
import { pair as runtimeOfARequest } from "./pairs/runtime-of-a-request.ts"
import { pair as scopeClosedEarly } from "./pairs/scope-closed-early.ts"
import { pair as scopeOfACall } from "./pairs/scope-of-a-call.ts"
import { pair as scopeOfARace } from "./pairs/scope-of-a-race.ts"
import { pair as scopeOfASocket } from "./pairs/scope-of-a-socket.ts"
import { pair as secondOfAHandle } from "./pairs/second-of-a-handle.ts"
import { pair as secondOfAMap } from "./pairs/second-of-a-map.ts"
import { pair as secondOfASet } from "./pairs/second-of-a-set.ts"
import { pair as senderOfASocket } from "./pairs/sender-of-a-socket.ts"
import { pair as serverEndedStream } from "./pairs/server-ended-stream.ts"
import { pair as shareOfTheFirst } from "./pairs/share-of-the-first.ts"
import { pair as shutByTheHandler } from "./pairs/shut-by-the-handler.ts"
import { pair as sseStarlette103 } from "./pairs/sse-starlette-103.ts"
import { pair as stalledBounded } from "./pairs/stalled-bounded.ts"
import { pair as stalledDropping } from "./pairs/stalled-dropping.ts"
import { pair as stalledSliding } from "./pairs/stalled-sliding.ts"
import { pair as startedInACallback } from "./pairs/started-in-a-callback.ts"
import { pair as stateOfTheProgram } from "./pairs/state-of-the-program.ts"
import { pair as subscribedByAPromise } from "./pairs/subscribed-by-a-promise.ts"
import { pair as subscriptionHandedOut } from "./pairs/subscription-handed-out.ts"
import { pair as subscriptionLeak } from "./pairs/subscription-leak.ts"
import { pair as undici5711 } from "./pairs/undici-5711.ts"
import { pair as verrex125 } from "./pairs/verrex-125.ts"
import { pair as vision3Bbs108 } from "./pairs/vision-3-bbs-108.ts"
import { pair as workOfTheFirst } from "./pairs/work-of-the-first.ts"
import { pair as zioKafka1705 } from "./pairs/zio-kafka-1705.ts"

/** Each is called after its file, and so are its routes. */
export const pairs = {
  "alchemy-308": alchemy308,
  "artemis-13370": artemis13370,
  "bus-of-a-call": busOfACall,
  "bus-of-the-handler": busOfTheHandler,
  "bus-of-the-program": busOfTheProgram,
  "child-of-a-handler": childOfAHandler,
  "claude-code-proxy-114": claudeCodeProxy114,
  "codesesh-309": codesesh309,
  "context-lost": contextLost,
  "counted-in-a-nested-scope": countedInANestedScope,
  "defect-of-a-feeder": defectOfAFeeder,
  "effect-2828": effect2828,
  "effect-3187": effect3187,
  "effect-7342": effect7342,
  "effect-inngest-3": effectInngest3,
  "effect-smol-2011": effectSmol2011,
  "failure-of-its-own": failureOfItsOwn,
  "feeder-of-a-call": feederOfACall,
  "feeder-of-a-handle": feederOfAHandle,
  "feeder-of-a-map": feederOfAMap,
  "feeder-of-a-request": feederOfARequest,
  "feeder-of-a-set": feederOfASet,
  "fs2-1982": fs21982,
  "graphql-ws-532": graphqlWs532,
  "greeting-of-a-call": greetingOfACall,
  "harper-1399": harper1399,
  "head-of-a-stream": headOfAStream,
  "hyper-2787": hyper2787,
  "joined-after-its-scope": joinedAfterItsScope,
  "joined-after-the-start": joinedAfterTheStart,
  "kilocode-11142": kilocode11142,
  "kuksa-databroker-60": kuksaDatabroker60,
  "leak-of-a-call": leakOfACall,
  "lm-proxy-88": lmProxy88,
  "losing-events": losingEvents,
  "losing-events-of-a-call": losingEventsOfACall,
  "losing-events-of-a-hang": losingEventsOfAHang,
  "losing-events-of-a-lookup": losingEventsOfALookup,
  "losing-events-of-a-merge": losingEventsOfAMerge,
  "losing-events-of-a-race": losingEventsOfARace,
  "losing-events-of-a-socket": losingEventsOfASocket,
  "map-of-the-first": mapOfTheFirst,
  "midnight-wallet-151": midnightWallet151,
  "miscounted-queue": miscountedQueue,
  "miscounted-subscription": miscountedSubscription,
  "opencode-15645-heartbeats": opencode15645Heartbeats,
  "opencode-15645-listeners": opencode15645Listeners,
  "opencode-27959": opencode27959,
  "opencode-27966": opencode27966,
  "opencode-31923-callback": opencode31923Callback,
  "opencode-31923-queue": opencode31923Queue,
  "opencode-36311": opencode36311,
  "opencode-38458": opencode38458,
  "opencti-12273": opencti12273,
  "opencti-13908": opencti13908,
  "orphan-fiber": orphanFiber,
  "orphan-of-a-call": orphanOfACall,
  "poller-of-a-stream": pollerOfAStream,
  "proxy-in-a-nested-scope": proxyInANestedScope,
  "pubsub-handed-out": pubsubHandedOut,
  "pubsub-of-a-post": pubsubOfAPost,
  "pubsub-of-the-first": pubsubOfTheFirst,
  "queue-handed-out": queueHandedOut,
  "queue-of-a-call": queueOfACall,
  "queue-of-a-post": queueOfAPost,
  "queue-of-the-first": queueOfTheFirst,
  "queue-that-is-shut-down": queueThatIsShutDown,
  "redisson-61": redisson61,
  "relay-of-a-call": relayOfACall,
  "relay-of-the-first": relayOfTheFirst,
  "runtime-of-a-request": runtimeOfARequest,
  "scope-closed-early": scopeClosedEarly,
  "scope-of-a-call": scopeOfACall,
  "scope-of-a-race": scopeOfARace,
  "scope-of-a-socket": scopeOfASocket,
  "second-of-a-handle": secondOfAHandle,
  "second-of-a-map": secondOfAMap,
  "second-of-a-set": secondOfASet,
  "sender-of-a-socket": senderOfASocket,
  "server-ended-stream": serverEndedStream,
  "share-of-the-first": shareOfTheFirst,
  "sse-starlette-103": sseStarlette103,
  "stalled-bounded": stalledBounded,
  "stalled-dropping": stalledDropping,
  "stalled-sliding": stalledSliding,
  "shut-by-the-handler": shutByTheHandler,
  "started-in-a-callback": startedInACallback,
  "state-of-the-program": stateOfTheProgram,
  "subscribed-by-a-promise": subscribedByAPromise,
  "subscription-handed-out": subscriptionHandedOut,
  "subscription-leak": subscriptionLeak,
  "undici-5711": undici5711,
  "verrex-125": verrex125,
  "vision-3-bbs-108": vision3Bbs108,
  "work-of-the-first": workOfTheFirst,
  "zio-kafka-1705": zioKafka1705,
} satisfies Readonly<Record<string, Pair>>

export type PairName = keyof typeof pairs

export const isPairName = (name: string): name is PairName => Object.hasOwn(pairs, name)

export const pairNames = Object.keys(pairs).filter(isPairName)

export const pairOf = (name: PairName): Pair => pairs[name]
