/** How every report begins, and no other page: only what begins so is replaced by a new report. */
export const reportMark = "<!doctype html>\n<!-- A report written by Scopeline -->\n"
