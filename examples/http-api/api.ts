import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup } from "effect/http-api"

export class User extends Schema.Class<User>("User")({
  id: Schema.Int,
  name: Schema.String,
}) {}

export class UsersGroup extends HttpApiGroup.make("users")
  .add(
    HttpApiEndpoint.get("list", "/", { success: Schema.Array(User) }),
    HttpApiEndpoint.post("create", "/", {
      payload: Schema.Struct({ name: Schema.String }),
      success: User,
    }),
  )
  .prefix("/users") {}

export class Api extends HttpApi.make("example").add(UsersGroup) {}
