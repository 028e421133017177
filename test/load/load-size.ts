/** `LOAD=short` takes a minute and belongs to CI; the whole suite takes ten. */
export const isShort = process.env.LOAD === "short"

/** How much of something: in the whole suite, and in its short form. */
export const sized = <A>(whole: A, short: A): A => (isShort ? short : whole)
