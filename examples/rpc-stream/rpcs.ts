import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"

export class Ticker extends RpcGroup.make(
  Rpc.make("ticks", { success: Schema.Int, stream: true }),
) {}
