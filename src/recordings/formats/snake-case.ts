import { isFields } from "../../otlp/fields.ts"

/** Values may hold values; deeper ones are refused where they are read. */
const deepest = 128

/**
 * A document of OTLP with the field names of OTLP's JSON: some tools write `resource_spans`, as the protocol's
 * definition does. Keys of attributes are values, and stay as they are.
 */
export const camelCased = (value: unknown, depth = 0): unknown => {
  if (depth > deepest) return value
  if (Array.isArray(value)) return value.map((element) => camelCased(element, depth + 1))
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [camelCase(name), camelCased(field, depth + 1)]),
  )
}

const camelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
