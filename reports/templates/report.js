// The report of a run: filters the list, keeps the filter in the address, and builds a transcript when its
// scenario is opened.

const form = document.getElementById("filter");
const shown = document.getElementById("shown");
const scenarios = Array.from(document.querySelectorAll(".scenario"));
const texts = new Map();
let transcripts = null;

async function build(scenario) {
  const place = scenario.querySelector(".transcript");
  transcripts ??= unpacked("transcripts");
  const events = (await transcripts)[Number(scenario.dataset.number)];
  if (place.isConnected) place.replaceWith(transcriptOf(events));
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
  scenario.addEventListener("toggle", () => scenario.open && build(scenario), { once: true });
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
