import { Layer } from "effect"

/** What the example names of a package that is not installed; the users are kept in memory. */
export const SqliteClient = { layer: () => Layer.empty }

export const SqliteMigrator = { layer: () => Layer.empty, fromRecord: () => undefined }
