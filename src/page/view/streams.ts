import { type Markup, markup } from "../markup.ts"
import type { EventStream, Snapshot } from "../snapshot.ts"

/** Event streams side by side, each with an `EventSource` of the browser: the script inserts what happens. */
export const streamsView = ({ streams = [] }: Snapshot): Markup =>
  markup`<h2 id="streams-name">The streams, as this browser sees them</h2>
<form id="publish"><label for="type">Event</label> <input id="type" name="type" value="message.part.delta" required maxlength="100" autocomplete="off" spellcheck="false"> <button type="submit">Publish to ${
    streams.length === 2 ? "both" : "all"
  }</button></form>
<div class="columns">${streams.map(column)}</div>`

const column = ({ name, url }: EventStream): Markup =>
  markup`<section class="column" id="stream-${name}" data-events="${url}" aria-labelledby="stream-${name}-name">
<h3 id="stream-${name}-name">${name}</h3>
<p class="connection"><strong data-shows="state">connecting</strong> <span data-shows="why" class="muted"></span></p>
<dl class="numbers">
<div class="number"><dt data-shows="lived-name">This stream</dt><dd data-shows="lived">–</dd></div>
<div class="number"><dt>Reconnects</dt><dd data-shows="reconnects">0</dd></div>
<div class="number"><dt>Events</dt><dd data-shows="count">0</dd></div>
</dl>
<p class="actions"><button type="button" data-shows="drop" aria-label="Drop the ${name} connection">Drop</button>
<button type="button" data-shows="reopen" aria-label="Reopen the ${name} connection">Reopen</button></p>
<h4>Events</h4>
<ol class="stream-events" data-shows="events"></ol>
</section>
`
