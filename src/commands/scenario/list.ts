import { scenarios } from "../../scenarios/catalogue.ts"
import { printJson } from "../terminal/json-text.ts"
import { printLines } from "../terminal/screen.ts"
import { catalogueLines } from "./catalogue-text.ts"
import type { ListWords } from "./flags.ts"
import { catalogueJson } from "./json.ts"

/** `scopeline scenario list`: the catalogue of lifetime bugs. */
export const listScenarios = ({ json }: ListWords) =>
  json
    ? printJson(catalogueJson(scenarios))
    : printLines((width) => catalogueLines(scenarios, width))
