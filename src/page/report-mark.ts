/** How every report begins, and no other page: a new report replaces only files that begin like this. */
export const reportMark = "<!doctype html>\n<!-- A report written by Scopeline -->\n"
