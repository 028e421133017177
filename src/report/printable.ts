export { printable } from "../../otel/timeline/printable.ts"
