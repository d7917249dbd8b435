// The matrix: filters its rows, keeps the filter in the address, and opens the conversation of a cell in a dialog.

const form = document.getElementById("filter");
const shown = document.getElementById("shown");
const dialog = document.getElementById("cell");
const groups = Array.from(document.querySelectorAll("tbody"));
const rows = Array.from(document.querySelectorAll(".scenario"));
let data = null;
let current = null;

// The filter.

function isWanted(row, filter) {
  const text = row.firstElementChild.textContent.toLowerCase();
  const has = (verdict) => row.getElementsByClassName(styleOf(verdict)).length;
  const among = (wanted, value) => !wanted.length || wanted.includes(value);
  return (
    (!filter.verdict.length || filter.verdict.some(has)) &&
    among(filter.level, row.dataset.level) &&
    among(filter.topic, row.parentElement.dataset.topic) &&
    (!form.elements.disagree.checked || row.dataset.disagree !== undefined) &&
    filter.text.every((word) => text.includes(word))
  );
}

function apply() {
  const filter = filterOf(form);
  for (const row of rows) row.hidden = !isWanted(row, filter);
  for (const group of groups) {
    const all = group.rows.length - 1;
    const visible = group.querySelectorAll(".scenario:not([hidden])").length;
    group.hidden = !visible;
    group.querySelector(".count").textContent = visible === all ? all : `${visible} of ${all}`;
  }
  if (!selected?.closest("tr:not([hidden])")) select(opening.find((cell) => cell.closest("tr:not([hidden])")));
  const count = rows.filter((row) => !row.hidden).length;
  shown.textContent = count === rows.length ? `All ${count} shown` : `${count} of ${rows.length} shown`;
}

// The address: `#label/scenario` is a cell, `#?verdict=FAIL&text=host` a filter: fragments, because a page opened from a
// file may not change the rest of its address.

function keepFilter() {
  const text = queryOf(form);
  history.replaceState(null, "", text ? `#?${text}` : "#");
}

async function follow() {
  const fragment = location.hash.slice(1);
  if (fragment.startsWith("?")) {
    fillIn(form, new URLSearchParams(fragment.slice(1)));
    apply();
    return;
  }
  if (!fragment) return;
  data ??= unpack("matrix");
  const { columns, rows: scenarios } = await data;
  const [label, id] = fragment.split("/").map(decoded);
  const row = scenarios.findIndex((scenario) => scenario.id === id);
  const column = columns.indexOf(label);
  if (row >= 0 && scenarios[row].cells[column]) await open(row, column);
}

// A part of an address, "" when it is not spelled as one.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

// The dialog.

async function open(row, column) {
  data ??= unpack("matrix");
  const { columns, rows: scenarios } = await data;
  const scenario = scenarios[row];
  const servers = columns.flatMap((label, place) => {
    if (!scenario.cells[place]) return [];
    const server = button("", label, () => open(row, place));
    server.append(badge(scenario.cells[place].verdict));
    server.setAttribute("aria-pressed", String(place === column));
    return [server];
  });
  const close = button("close", "Close", () => dialog.close());
  const title = element("h2", "", scenario.title);
  title.id = "cell-title";
  const names = element("div", "", title, element("code", "quiet", scenario.id));
  const inside = element(
    "div",
    "inside",
    element("header", "", names, close),
    element("div", "servers", ...servers),
    scenarioOf(scenario),
    findingOf(scenario.cells[column]),
  );
  dialog.replaceChildren(inside);
  current = [row, column];
  history.replaceState(null, "", `#${encodeURIComponent(columns[column])}/${encodeURIComponent(scenario.id)}`);
  if (!dialog.open) dialog.showModal();
  inside.querySelector(".servers [aria-pressed=true]").focus();
}

dialog.addEventListener("close", () => {
  keepFilter();
  const [row, column] = current;
  if (rows[row].hidden) return;
  select(rows[row].cells[column + 1].querySelector("button"));
  selected.focus();
});
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

// The cells: the Tab key reaches one of them, the arrow keys move to the others.

const table = document.querySelector(".matrix");
const opening = Array.from(table.querySelectorAll("td button"));
const WAYS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
let selected = null;

function select(cell) {
  if (selected) selected.tabIndex = -1;
  selected = cell;
  if (selected) selected.tabIndex = 0;
}

// The next cell in a direction that is visible and can be opened.
function neighbour(cell, [down, right]) {
  let row = rows.indexOf(cell.closest("tr"));
  let column = cell.parentElement.cellIndex - 1;
  do {
    row += down;
    column += right;
    const next = column >= 0 ? rows[row]?.cells[column + 1] : null;
    if (!next) return null;
    if (!rows[row].hidden && next.querySelector("button")) return next.querySelector("button");
  } while (true);
}

table.addEventListener("keydown", (event) => {
  const way = WAYS[event.key];
  const next = way && event.target.matches("td button") ? neighbour(event.target, way) : null;
  if (!next) return;
  event.preventDefault();
  select(next);
  next.focus();
});
table.addEventListener("click", (event) => {
  const cell = event.target.closest("td button");
  if (cell) open(rows.indexOf(cell.closest("tr")), cell.parentElement.cellIndex - 1);
});
for (const cell of opening) cell.tabIndex = -1;

form.addEventListener("input", () => {
  apply();
  keepFilter();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  fillIn(form, new URLSearchParams());
  apply();
  keepFilter();
});
window.addEventListener("hashchange", follow);
form.hidden = false;
apply();
follow();
document.documentElement.dataset.ready = "";
