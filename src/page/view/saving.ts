import { type Markup, markup } from "../markup.ts"

/** What a saved page leaves out, and the box that keeps it in. */
export const savingView: Markup = markup`<h2 id="saving-name">Save this page as a file</h2>
<p>One file that opens without a server.</p>
<p><label><input type="checkbox" id="save-whole"> With query strings, log lines and attributes that are not Scopeline's</label></p>
<p class="actions"><button type="button" data-does="save-file" autofocus>Save</button> <button type="button" data-does="save">Cancel</button></p>`
