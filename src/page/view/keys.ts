import { type Markup, markup } from "../markup.ts"
import { keyName, keyTable } from "./key-table.ts"

/** What the keys do, and the switch that turns them off. */
export const keysView = (keyboard: boolean): Markup =>
  markup`<h2 id="keys-name">Keys</h2>
<p><label><input type="checkbox" data-does="keyboard"${keyboard ? checked : undefined}> Use these keys</label></p>
<dl class="keys">${keyTable.map(
    ({ keys, says }) =>
      markup`<div><dt>${keys.map((key) => markup`<kbd>${keyName(key)}</kbd> `)}</dt><dd>${says}</dd></div>`,
  )}</dl>
<p><button type="button" data-does="keys">Close</button></p>`

const checked = markup` checked`
