import type { News } from "../../watch/news.ts"

/** One line of JSON. Times are ISO texts. */
export const newsJson = ({ at, ...news }: News): string =>
  JSON.stringify({ at: new Date(at / 1000).toISOString(), ...news })
