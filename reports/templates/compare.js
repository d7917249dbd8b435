// The comparison: filters the list of changes, and builds both sides of a change when it is opened.

const form = document.getElementById("filter");
const shown = document.getElementById("shown");
const changes = Array.from(document.querySelectorAll(".change"));
let data = null;

async function build(change) {
  const place = change.querySelector(".body");
  if (place.hasChildNodes()) return;
  data ??= unpack("findings");
  const finding = (await data)[Number(change.dataset.number)];
  if (place.hasChildNodes()) return;
  const [old, now] = finding.sides;
  place.append(scenarioOf(finding), element("div", "sides", side("Old", old), side("New", now)));
}

function side(name, finding) {
  const head = element("h4", "", name);
  if (!finding) return element("div", "", head, element("p", "quiet", "This run has no finding for it."));
  head.append(badge(finding.verdict));
  return element("div", "", head, findingOf(finding));
}

function apply() {
  const words = filterOf(form).text;
  for (const change of changes) {
    const text = change.querySelector("summary").textContent.toLowerCase();
    change.hidden = !words.every((word) => text.includes(word));
  }
  for (const group of document.querySelectorAll(".group")) {
    group.hidden = !group.querySelector(".change:not([hidden])");
  }
  const count = changes.filter((change) => !change.hidden).length;
  shown.textContent = count === changes.length ? `All ${count} shown` : `${count} of ${changes.length} shown`;
}

function follow() {
  const change = document.getElementById(location.hash.slice(1));
  if (!change?.classList.contains("change")) return;
  form.reset();
  apply();
  change.open = true;
  change.scrollIntoView();
}

for (const change of changes) change.addEventListener("toggle", () => change.open && build(change));
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
window.addEventListener("hashchange", follow);
form.hidden = !changes.length;
apply();
follow();
document.documentElement.dataset.ready = "";
