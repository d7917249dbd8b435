"use strict";
// The page's only script: filters the list, keeps the filter in the address, and builds a transcript when its
// scenario is opened. What a server sent reaches the page as text nodes only, never as markup.

// A part of a conversation longer than this is folded until asked for.
const LONGEST_SHOWN = 1024;
const HEX_WIDTH = 16;

const form = document.getElementById("filter");
const shown = document.getElementById("shown");
const scenarios = Array.from(document.querySelectorAll(".scenario"));
const texts = new Map();
let data = null;

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// Transcripts.

function transcriptOf(scenario) {
  data ??= JSON.parse(document.getElementById("transcripts").textContent);
  return data[Number(scenario.dataset.number)];
}

function build(scenario) {
  const place = scenario.querySelector(".transcript");
  if (place.hasChildNodes()) return;
  const events = transcriptOf(scenario);
  if (!events.length) {
    place.append(element("p", "quiet", "Nothing was sent."));
    return;
  }
  const hex = element("button", "hex", "Hex");
  hex.type = "button";
  hex.setAttribute("aria-pressed", "false");
  const rows = element("tbody", "");
  const fill = (asHex) => rows.replaceChildren(...events.map((event) => row(event, asHex)));
  hex.addEventListener("click", () => {
    const pressed = hex.getAttribute("aria-pressed") !== "true";
    hex.setAttribute("aria-pressed", String(pressed));
    fill(pressed);
  });
  fill(false);
  const heads = ["Seconds", "Way", "Event"].map((name) => {
    const head = element("th", "", name);
    head.scope = "col";
    return head;
  });
  const table = element("table", "", element("thead", "", element("tr", "", ...heads)), rows);
  place.append(element("div", "bar", element("h4", "", "Transcript"), hex), table);
}

function row(event, asHex) {
  const way = element("td", "way", event.way);
  const meaning = { "→": "from us", "←": "from the server" }[event.way];
  if (meaning) way.title = meaning;
  const cell = element("td", "", element("span", "kind", caption(event)));
  if (event.data !== undefined) cell.append(...parts(event, asHex));
  const direction = { "→": "sent", "←": "received" }[event.way] ?? "";
  return element("tr", direction, element("td", "at", event.at.toFixed(4)), way, cell);
}

function caption(event) {
  const size = event.data === undefined ? 0 : event.data.length + (event.cut ?? 0) + (event.tail ?? "").length;
  const words = [event.kind];
  if (size) words.push(`${size} ${size === 1 ? "byte" : "bytes"}`);
  if (event.note) words.push(event.note);
  return words.join(", ");
}

function parts(event, asHex) {
  const made = [folding(event.data, 0, asHex)];
  if (event.cut) made.push(element("p", "cut", `${event.cut} bytes are left out of the record here`));
  if (event.tail) made.push(folding(event.tail, event.data.length + (event.cut ?? 0), asHex));
  return made;
}

function folding(bytes, offset, asHex) {
  const show = (length) => (asHex ? dump(bytes.slice(0, length), offset) : printable(bytes.slice(0, length)));
  const pre = element("pre", asHex ? "dump" : "", ...show(LONGEST_SHOWN));
  if (bytes.length <= LONGEST_SHOWN) return pre;
  const more = element("button", "more", `Show ${bytes.length - LONGEST_SHOWN} more bytes`);
  more.type = "button";
  more.addEventListener("click", () => {
    pre.replaceChildren(...show(bytes.length));
    more.remove();
  });
  return element("div", "", pre, more);
}

// Bytes as text: what cannot be seen is an escape in a colour of its own, so that a backslash stays a backslash.
function printable(bytes) {
  const nodes = [];
  for (const [piece] of bytes.matchAll(/[ -~]+|\r?\n|[^ -~\n]+?(?=\r\n|[ -~\n]|$)/g)) {
    const plain = /^[ -~]/.test(piece);
    nodes.push(plain ? piece : element("span", "escape", Array.from(piece, escaped).join("")));
    if (piece.endsWith("\n")) nodes.push("\n");
  }
  return nodes;
}

function escaped(character) {
  const named = { "\r": "\\r", "\n": "\\n", "\t": "\\t" }[character];
  return named ?? "\\x" + hexOf(character.charCodeAt(0), 2);
}

function hexOf(number, digits) {
  return number.toString(16).padStart(digits, "0");
}

function dump(bytes, offset) {
  const lines = [];
  for (let start = 0; start < bytes.length; start += HEX_WIDTH) {
    const piece = bytes.slice(start, start + HEX_WIDTH);
    const pairs = Array.from(piece, (character) => hexOf(character.charCodeAt(0), 2)).join(" ");
    const letters = piece.replace(/[^ -~]/g, ".");
    lines.push(`${hexOf(offset + start, 6)}  ${pairs.padEnd(HEX_WIDTH * 3 - 1)}  ${letters}\n`);
  }
  return lines;
}

// The filter.

function wanted() {
  const chosen = new FormData(form);
  return {
    verdict: chosen.getAll("verdict"),
    level: chosen.getAll("level"),
    topic: chosen.getAll("topic").filter(Boolean),
    target: chosen.getAll("target").filter(Boolean),
    words: String(chosen.get("text")).toLowerCase().split(/\s+/).filter(Boolean),
  };
}

function textOf(scenario) {
  if (!texts.has(scenario)) {
    const body = scenario.querySelector("dl").textContent;
    texts.set(scenario, `${scenario.querySelector("summary").textContent} ${body}`.toLowerCase());
  }
  return texts.get(scenario);
}

function matches(scenario, wish) {
  const keys = ["verdict", "level", "topic", "target"];
  const fits = keys.every((key) => !wish[key].length || wish[key].includes(scenario.dataset[key]));
  return fits && wish.words.every((word) => textOf(scenario).includes(word));
}

function apply() {
  const wish = wanted();
  for (const scenario of scenarios) scenario.hidden = !matches(scenario, wish);
  for (const group of document.querySelectorAll(".group")) {
    const all = group.querySelectorAll(".scenario").length;
    const visible = group.querySelectorAll(".scenario:not([hidden])").length;
    group.hidden = !visible;
    group.querySelector(".count").textContent = visible === all ? all : `${visible} of ${all}`;
  }
  const count = scenarios.filter((scenario) => !scenario.hidden).length;
  shown.textContent = count === scenarios.length ? `All ${count} shown` : `${count} of ${scenarios.length} shown`;
}

// The address: `#target/scenario` is a scenario, `#?verdict=FAIL&text=host` a filter. A fragment, because a page
// opened from a file may not change the rest of its address.

function keepFilter() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
  const text = query.toString();
  history.replaceState(null, "", text ? `#?${text}` : "#");
}

function takeFilter(query) {
  for (const field of form.elements) {
    if (!field.name) continue;
    const values = query.getAll(field.name);
    if (field.type === "checkbox") field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
    // An address may name a topic or a target that this run does not have.
    if (field.selectedIndex === -1) field.value = "";
  }
}

function follow() {
  const fragment = location.hash.slice(1);
  if (fragment.startsWith("?")) {
    takeFilter(new URLSearchParams(fragment.slice(1)));
    apply();
    return;
  }
  const scenario = fragment ? document.getElementById(fragment) : null;
  if (!scenario?.classList.contains("scenario")) return;
  if (scenario.hidden) {
    form.reset();
    takeFilter(new URLSearchParams());
    apply();
  }
  scenario.open = true;
  scenario.scrollIntoView();
  scenario.querySelector("summary").focus({ preventScroll: true });
}

function setOpen(open) {
  for (const scenario of scenarios) if (!scenario.hidden) scenario.open = open;
}

for (const scenario of scenarios) {
  scenario.addEventListener("toggle", () => scenario.open && build(scenario));
  if (scenario.open) build(scenario);
}
form.addEventListener("input", () => {
  apply();
  keepFilter();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  takeFilter(new URLSearchParams());
  apply();
  keepFilter();
});
document.getElementById("open").addEventListener("click", () => setOpen(true));
document.getElementById("close").addEventListener("click", () => setOpen(false));
window.addEventListener("hashchange", () => {
  follow();
  if (location.hash.startsWith("#?")) form.scrollIntoView();
});
form.hidden = false;
apply();
follow();
