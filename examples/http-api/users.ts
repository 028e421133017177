import { Context, Effect, Layer, Ref } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api, User } from "./api.ts"

export class Users extends Context.Service<
  Users,
  {
    readonly list: Effect.Effect<ReadonlyArray<User>>
    readonly create: (name: string) => Effect.Effect<User>
  }
>()("example/Users") {
  static readonly layer = Layer.effect(
    Users,
    Effect.gen(function* () {
      const users = yield* Ref.make<ReadonlyArray<User>>([])
      return {
        list: Ref.get(users),
        create: Effect.fn("Users.create")((name: string) =>
          Ref.modify(users, (known) => {
            const user = new User({ id: known.length + 1, name })
            return [user, [...known, user]]
          }),
        ),
      }
    }),
  )
}

/** The welcome mail goes out in a fiber that nothing owns: Scopeline says so. */
const sendWelcome = Effect.fn("sendWelcome")(function* (user: User) {
  yield* Effect.sleep("3 seconds")
  yield* Effect.log(`Welcome, ${user.name}`)
})

export const layerUsersHandlers = HttpApiBuilder.group(
  Api,
  "users",
  Effect.fnUntraced(function* (handlers) {
    const users = yield* Users
    return handlers.handleAll({
      list: () => users.list,
      create: ({ payload }) =>
        users.create(payload.name).pipe(Effect.tap((user) => Effect.forkDetach(sendWelcome(user)))),
    })
  }),
).pipe(Layer.provide(Users.layer))
