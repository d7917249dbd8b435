// The report of a run: shows what its address asks for, and fills in a scenario when it is opened.
//
// `#target/scenario` is a scenario, `#?verdict=FAIL&text=host` a filter, `#specification` the other view: fragments,
// because a page opened from a file may not change the rest of its address.

// Opening more at once would keep the reader waiting.
const MOST_OPENED = 100;

const form = document.getElementById("filter");
const shown = document.getElementById("shown");
const rows = Array.from(document.querySelectorAll(".scenario"));
const rowsByNumber = new Map(rows.map((row) => [Number(row.dataset.number), row]));
const views = {
  scenarios: document.getElementById("by-scenario"),
  specification: document.getElementById("by-specification"),
};
const help = document.getElementById("keys");
let data = null;
let conversations = null;

function rowOf(number) {
  return rowsByNumber.get(number);
}

async function fill(row) {
  if (!row.open || row.dataset.filled) return;
  row.dataset.filled = "yes";
  conversations ??= unpack("conversations");
  const body = detailsOf(data, await conversations, Number(row.dataset.number), row.id);
  row.querySelector(".body")?.remove();
  row.append(body);
}

function apply() {
  const filter = filterOf(form);
  for (const row of rows) row.hidden = !matches(data, Number(row.dataset.number), filter);
  let count = 0;
  for (const group of document.querySelectorAll(".group")) {
    const all = group.querySelectorAll(".scenario").length;
    const visible = group.querySelectorAll(".scenario:not([hidden])").length;
    count += visible;
    group.hidden = !visible;
    group.querySelector(".count").textContent = visible === all ? all : `${visible} of ${all}`;
  }
  shown.textContent = count === rows.length ? `All ${count} shown` : `${count} of ${rows.length} shown`;
}

function keepFilter() {
  const query = queryOf(form);
  history.replaceState(null, "", query ? `#?${query}` : "#scenarios");
}

function clear() {
  fillIn(form, new URLSearchParams());
  apply();
}

async function show(name) {
  for (const [other, view] of Object.entries(views)) view.hidden = other !== name;
  for (const tab of document.querySelectorAll("#views a")) {
    if (tab.hash === `#${name}`) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  const view = views[name];
  if (name === "specification" && view.childElementCount === 1) {
    view.append(...specificationOf(await unpack("requirements")));
  }
}

async function follow() {
  const fragment = location.hash.slice(1);
  if (fragment.startsWith("?")) {
    fillIn(form, new URLSearchParams(fragment.slice(1)));
    apply();
    await show("scenarios");
    form.scrollIntoView();
    return;
  }
  const row = fragment ? document.getElementById(fragment) : null;
  if (row?.classList.contains("scenario")) await showScenario(row);
  else if (fragment.split("/")[0] === "specification") await showSection(decodeURIComponent(fragment));
  else if (fragment === "scenarios") await show("scenarios");
}

async function showScenario(row) {
  await show("scenarios");
  if (row.hidden) clear();
  row.open = true;
  await fill(row);
  row.scrollIntoView();
  row.querySelector("summary").focus({ preventScroll: true });
}

async function showSection(id) {
  await show("specification");
  const section = document.getElementById(id);
  if (!section?.classList.contains("section")) return;
  section.open = true;
  section.scrollIntoView();
  section.querySelector("summary").focus({ preventScroll: true });
}

function setOpen(open) {
  const visible = rows.filter((row) => !row.hidden);
  for (const row of open ? visible.slice(0, MOST_OPENED) : visible) row.open = open;
  if (open && visible.length > MOST_OPENED) shown.textContent = `Opened the first ${MOST_OPENED} of ${visible.length}`;
}

function focusField() {
  location.hash = views.scenarios.hidden ? "#scenarios" : location.hash;
  views.scenarios.hidden = false;
  form.elements.namedItem("text").focus();
}

function listen() {
  for (const row of rows) row.addEventListener("toggle", () => fill(row));
  form.addEventListener("input", () => {
    apply();
    keepFilter();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    clear();
    keepFilter();
  });
  document.getElementById("open").addEventListener("click", () => setOpen(true));
  document.getElementById("close").addEventListener("click", () => setOpen(false));
  document.getElementById("help").addEventListener("click", () => help.showModal());
  document.getElementById("keys-close").addEventListener("click", () => help.close());
  window.addEventListener("hashchange", follow);
  listenToKeys({
    focusField,
    summaries: () =>
      Array.from(document.querySelectorAll("main > section:not([hidden]) details:not([hidden]) > summary")),
    switchView: () => (location.hash = views.scenarios.hidden ? "#scenarios" : "#specification"),
    help,
  });
}

async function start() {
  data = await unpack("findings");
  form.hidden = false;
  document.getElementById("views").hidden = false;
  listen();
  apply();
  for (const row of rows) if (row.open) fill(row);
  await follow();
  document.documentElement.dataset.ready = "yes";
}

start().catch((error) => {
  const problem = `This browser cannot show the details: ${error.message}. Use a current browser.`;
  document.getElementById("scenarios").after(element("p", "note", problem));
});
