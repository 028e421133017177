import type * as Effect from "effect/Effect"
import type { Client } from "./clients.ts"
import { Ledger } from "./ledger.ts"
import type { Progress } from "./world.ts"

/** What is seen of one run of a program, from outside of everything that it runs. */
export class Run implements Progress {
  readonly ledger = new Ledger()
  readonly clients = new Map<number, Client>()
  /** How many events had been published when the request of a client had opened its source. */
  readonly readyAt = new Map<number, number>()
  /** Clients for which the handler has begun to run. */
  readonly begun = new Set<number>()
  /** Clients that were sent something before their source was open. */
  readonly early = new Set<number>()
  /** How many when it left. */
  readonly leftAt = new Map<number, number>()
  /** Clients that were still there when the program began to stop. */
  readonly stayed = new Set<number>()
  readonly cleaning: Array<Effect.Effect<unknown>> = []
  published = 0
  /** How long the program took to stop, in milliseconds; 0 where it did not do so itself. */
  stopMillis = 0
  /** What was held for requests that were over, whenever somebody looked; at last before the program stopped. */
  readonly held: Array<ReadonlyArray<string>> = []

  /** Whether the client has seen the end of its response, or has left. */
  hasEnded(client: number): boolean {
    return this.clients.get(client)?.view.end !== "open"
  }

  /** Notes what is held for requests that are over. */
  look(): void {
    this.held.push(
      this.ledger.held
        .filter(({ keeper, client }) => keeper === "exchange" && this.hasEnded(client))
        .map(({ what, client }) => `${what} of client ${client}`),
    )
  }

  readonly begins = (client: number): void => {
    this.begun.add(client)
    this.clients.get(client)?.view.changes.tell()
  }

  readonly ready = (client: number): void => {
    if (!this.readyAt.has(client)) this.readyAt.set(client, this.published)
    this.clients.get(client)?.view.changes.tell()
  }

  readonly sends = (client: number): void => {
    if (!this.readyAt.has(client)) this.early.add(client)
  }

  readonly afterwards = (clean: Effect.Effect<unknown>): void => {
    this.cleaning.push(clean)
  }
}
