import { type Markup, markup } from "../markup.ts"
import { type Side, sides } from "./connections.ts"
import { partId } from "./parts.ts"

/** Where each server streams from. */
export type Servers = Readonly<Record<Side, string>>

/** The page, without what changes: its script connects, and puts that in. */
export const livePage = (servers: Servers): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Live: broken and fixed · Scopeline</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/live.css">
<script type="module" src="/live.js"></script>
<script type="module" src="/keyboard.js"></script>
</head>
<body>
<header><p class="brand">Scopeline</p><h1>GET /event, live: broken and fixed</h1>
<p class="muted">The same event stream twice, each with an <code>EventSource</code> of this browser.</p></header>
<main>
<noscript><p>This page needs JavaScript.</p></noscript>
<section class="actions" aria-label="Actions">
<form id="publish"><label for="type">Event</label>
<input id="type" name="type" value="message.part.delta" required maxlength="100" autocomplete="off" spellcheck="false">
<button type="submit">Publish to both</button></form>
<a class="button" href="/report" download>Save report</a>
<output id="said" for="type"></output>
</section>
<p id="lost" role="status" hidden></p>
<p id="news" role="status" class="unseen"></p>
<div class="columns">${sides.map((side) => column(side, servers[side]))}</div>
<section aria-labelledby="timelines-name"><h2 id="timelines-name">Timelines</h2>
<p class="muted">Drawn from the spans that the servers send, the latest connection of each.</p>
<p id="${partId.links}"></p>
<div id="${partId.timelines}"></div>
</section>
<div class="columns">${sides.map(story)}</div>
</main>
</body>
</html>
`.text

/** One server as this browser sees it. */
const column = (side: Side, server: string): Markup =>
  markup`<section class="column" id="${side}" data-events="${server}/event" aria-labelledby="${side}-name">
<h2 id="${side}-name">${side}</h2>
<p class="state"><strong data-shows="state">connecting</strong> <span data-shows="why" class="muted"></span></p>
<dl class="numbers">
<div><dt data-shows="lived-name">This stream</dt><dd data-shows="lived">–</dd></div>
<div><dt>Reconnects</dt><dd data-shows="reconnects">0</dd></div>
<div><dt>Events</dt><dd data-shows="count">0</dd></div>
</dl>
<p class="buttons"><button type="button" data-does="drop" aria-label="Drop the ${side} connection">Drop</button>
<button type="button" data-does="reopen" aria-label="Reopen the ${side} connection">Reopen</button></p>
<h3>Events</h3>
<ol class="events" data-shows="events"></ol>
</section>
`

/** What the server's spans told, of all its connections. */
const story = (side: Side): Markup =>
  markup`<section class="column" aria-labelledby="${side}-story">
<h2 id="${side}-story">${side} so far</h2>
<h3>Findings</h3>
<div id="${partId.findings(side)}"></div>
<h3>Earlier connections</h3>
<div id="${partId.earlier(side)}" class="earlier"></div>
</section>
`
