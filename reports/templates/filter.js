// The filter: which findings match what its form asks for, and how that is spelled in an address.

const texts = new Map();

function wishOf(form) {
  const chosen = new FormData(form);
  const all = (name) => chosen.getAll(name).filter(Boolean);
  const words = (name) => String(chosen.get(name) ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return {
    verdict: all("verdict"),
    level: all("level"),
    topic: all("topic"),
    target: all("target"),
    tag: all("tag"),
    clause: words("clause"),
    text: words("text"),
  };
}

function matches(data, number, wish) {
  const finding = data.findings[number];
  const scenario = data.scenarios[finding.scenario];
  const among = (wanted, value) => !wanted.length || wanted.includes(value);
  return (
    among(wish.verdict, finding.verdict) &&
    among(wish.target, finding.target) &&
    among(wish.level, scenario.level) &&
    among(wish.topic, scenario.topic) &&
    wish.tag.every((tag) => scenario.tags.includes(tag)) &&
    wish.clause.every((name) => scenario.clauses.some((index) => isOf(data.clauses[index].id, name))) &&
    wish.text.every((word) => textOf(data, number).includes(word))
  );
}

// A clause is of itself, and of all the sections that it is in: RFC9112-6.1-13 is of RFC9112-6.1 and of RFC9112-6.
function isOf(clause, name) {
  const whole = clause.toLowerCase();
  return whole === name || whole.startsWith(`${name}-`) || whole.startsWith(`${name}.`);
}

function textOf(data, number) {
  if (!texts.has(number)) {
    const finding = data.findings[number];
    const { id, title, why, level, clauses } = data.scenarios[finding.scenario];
    const rules = clauses.map((index) => Object.values(data.clauses[index]).join(" "));
    const words = [id, title, why, level, finding.target, finding.verdict, finding.expected, finding.observed];
    texts.set(number, [...words, finding.reason, ...rules].join(" ").toLowerCase());
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
    // An address may name a topic or a target that this run does not have.
    if (field.selectedIndex === -1) field.value = "";
  }
}

