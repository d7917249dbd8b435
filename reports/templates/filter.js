// The filter: which findings match its form, and how the form is spelled in an address.

const texts = new Map();

function filterOf(form) {
  const chosen = new FormData(form);
  const all = (name) => chosen.getAll(name).filter(Boolean);
  const words = (name) => String(chosen.get(name) ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return {
    verdict: all("verdict"),
    level: all("level"),
    risk: all("risk"),
    topic: all("topic"),
    target: all("target"),
    tag: all("tag"),
    clause: words("clause"),
    text: words("text"),
  };
}

function matches(data, number, filter) {
  const finding = data.findings[number];
  const scenario = data.scenarios[finding.scenario];
  const among = (wanted, value) => !wanted.length || wanted.includes(value);
  return (
    among(filter.verdict, finding.verdict) &&
    among(filter.target, finding.target) &&
    among(filter.level, scenario.level) &&
    among(filter.risk, scenario.risk.split(":")[0]) &&
    among(filter.topic, scenario.topic) &&
    filter.tag.every((tag) => scenario.tags.includes(tag)) &&
    filter.clause.every((name) => scenario.clauses.some((index) => isWithin(data.clauses[index].id, name))) &&
    filter.text.every((word) => textOf(data, number).includes(word))
  );
}

// A clause matches its own id and those of the sections it is in: RFC9112-6.1-13 matches RFC9112-6.1 and RFC9112-6.
function isWithin(clause, name) {
  const whole = clause.toLowerCase();
  return whole === name || whole.startsWith(`${name}-`) || whole.startsWith(`${name}.`);
}

function textOf(data, number) {
  if (!texts.has(number)) {
    const finding = data.findings[number];
    const { id, title, why, risk, level, clauses } = data.scenarios[finding.scenario];
    const rules = clauses.map((index) => Object.values(data.clauses[index]).join(" "));
    const { target, verdict, expected, observed, reason, crash } = finding;
    const words = [id, title, why, risk, level, target, verdict, expected, observed, reason, crash, ...rules];
    texts.set(number, words.join(" ").toLowerCase());
  }
  return texts.get(number);
}

function queryOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) query.append(name, value);
  return query.toString();
}

function fillIn(form, query) {
  for (const field of form.elements) {
    if (!field.name) continue;
    const values = query.getAll(field.name);
    if (field.type === "checkbox") field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
    // An address may name a topic or a target that is not in this run.
    if (field.selectedIndex === -1) field.value = "";
  }
}

