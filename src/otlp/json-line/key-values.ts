import type { Attributes, AttributeValue } from "../../../otel/lifetimes/span.ts"
import { deepest, noAttributes, setAttribute } from "../key-values.ts"
import { jsonScalars } from "../scalars.ts"
import { fieldNames, type JsonBytes, noField } from "./json-bytes.ts"

const valueNames = fieldNames(
  "stringValue",
  "intValue",
  "boolValue",
  "doubleValue",
  "arrayValue",
  "kvlistValue",
  "bytesValue",
)

/** `undefined` if only the key is known. */
const readValue = (json: JsonBytes, depth: number): AttributeValue | undefined => {
  if (depth > deepest) json.refuse()
  const field = json.object(valueNames)
  if (field === noField) return undefined
  const value = readContent(json, field, depth)
  json.closeObject()
  return value
}

const readContent = (json: JsonBytes, field: number, depth: number): AttributeValue => {
  switch (field) {
    case 0:
    case 6:
      return json.text()
    case 1:
      return jsonScalars.integer(json.scalar()) ?? json.refuse()
    case 2:
      return json.boolean()
    case 3:
      return jsonScalars.double(json.scalar()) ?? json.refuse()
    case 4:
      return readList(json, depth + 1)
    case 5:
      return readPairList(json, depth + 1)
    default:
      return json.refuse()
  }
}

const listNames = fieldNames("values")

const readList = (json: JsonBytes, depth: number): AttributeValue => {
  const values: Array<AttributeValue> = []
  if (json.object(listNames) !== 0) json.refuse()
  for (let more = json.list(); more; more = json.nextElement()) {
    const value = readValue(json, depth)
    if (value !== undefined) values.push(value)
  }
  json.closeObject()
  return values
}

const readPairList = (json: JsonBytes, depth: number): AttributeValue => {
  if (json.object(listNames) !== 0) json.refuse()
  const pairs = readPairs(json, depth)
  json.closeObject()
  return pairs
}

const pairNames = fieldNames("key", "value")

const readPairs = (json: JsonBytes, depth: number): Attributes => {
  if (!json.list()) return noAttributes
  const attributes: Record<string, AttributeValue> = {}
  do {
    let key = ""
    let value: AttributeValue | undefined
    let seen = 0
    for (
      let field = json.object(pairNames);
      field !== noField;
      field = json.nextField(pairNames, field)
    ) {
      seen = json.once(seen, field)
      if (field === 0) key = json.text()
      else if (field === 1) value = readValue(json, depth)
      else json.skip()
    }
    if (value !== undefined) setAttribute(attributes, key, value)
  } while (json.nextElement())
  return attributes
}

/** A list of OTLP key-value pairs as one record. */
export const readAttributes = (json: JsonBytes): Attributes => readPairs(json, 0)
