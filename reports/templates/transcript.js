// A transcript, from its events to an element; the page around it is not known here. An event is as
// reports/rendering/finding.py has it: {at, way, text, role?, note?, data?, cut?, tail?}; in data and tail, a character
// is a byte.

// Longer data is folded until the reader asks for the rest.
const LONGEST_SHOWN = 1024;
const HEX_WIDTH = 16;
// Of each arrow, the class of the row and the meaning.
const ARROWS = { "→": ["sent", "from us"], "←": ["received", "from the server"] };

function transcriptOf(events) {
  if (!events.length) return element("p", "quiet", "Nothing was sent.");
  const rows = element("tbody", "");
  const fill = (asHex) => rows.replaceChildren(...events.map((event) => eventRow(event, asHex)));
  const hex = button("hex", "Hex", () => {
    const pressed = hex.getAttribute("aria-pressed") !== "true";
    hex.setAttribute("aria-pressed", String(pressed));
    fill(pressed);
  });
  hex.setAttribute("aria-pressed", "false");
  fill(false);
  const heads = ["Seconds", "Dir.", "Event"].map((name) => {
    const head = element("th", "", name);
    head.scope = "col";
    return head;
  });
  const table = element("table", "", element("thead", "", element("tr", "", ...heads)), rows);
  return element("div", "transcript", element("div", "bar", element("h4", "", "Transcript"), hex), table);
}

function eventRow(event, asHex) {
  const [name, meaning] = ARROWS[event.way] ?? ["", ""];
  const way = element("td", "way", event.way);
  if (meaning) way.title = meaning;
  const cell = element("td", "", element("span", "kind", caption(event)));
  if (event.data !== undefined) cell.append(...eventParts(event, asHex));
  return element("tr", name, element("td", "at", event.at.toFixed(4)), way, cell);
}

function caption(event) {
  const size = event.data === undefined ? 0 : event.data.length + (event.cut ?? 0) + (event.tail ?? "").length;
  const words = [event.text];
  if (size) words.push(`${size} ${size === 1 ? "byte" : "bytes"}`);
  if (event.note) words.push(event.note);
  return words.join(", ");
}

function eventParts(event, asHex) {
  const parts = [folding(event.data, 0, asHex)];
  if (event.cut) parts.push(element("p", "cut", leftOut(event)));
  if (event.tail) parts.push(folding(event.tail, event.data.length + (event.cut ?? 0), asHex));
  return parts;
}

function leftOut(event) {
  return `${event.cut} bytes are not in the record`;
}

function folding(bytes, offset, asHex) {
  const show = (length) => (asHex ? dump(bytes.slice(0, length), offset) : printable(bytes.slice(0, length)));
  const pre = element("pre", asHex ? "dump" : "", ...show(LONGEST_SHOWN));
  if (bytes.length <= LONGEST_SHOWN) return pre;
  const more = button("more", `Show ${bytes.length - LONGEST_SHOWN} more bytes`, () => {
    pre.replaceChildren(...show(bytes.length));
    more.remove();
  });
  return element("div", "", pre, more);
}

// Bytes as text. A byte that cannot be seen is an escape in a colour of its own, so that it is not taken for a backslash.
function printable(bytes) {
  const nodes = [];
  for (const [piece] of bytes.matchAll(/[ -~]+|\r?\n|[^ -~\n]+?(?=\r\n|[ -~\n]|$)/g)) {
    const plain = /^[ -~]/.test(piece);
    nodes.push(plain ? piece : escapes(piece));
    if (piece.endsWith("\n")) nodes.push("\n");
  }
  return nodes;
}

function escapes(bytes) {
  return element("span", "escape", Array.from(bytes, escaped).join(""));
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

