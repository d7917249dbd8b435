// What two conversations sent, side by side, the lines that differ marked; the page around it is not known here.
// Each side is {name, events}, the control's first.

// With more pairs of lines than this, the best alignment is not searched for.
const MOST_PAIRS = 250_000;
// The number of equal lines shown around a difference.
const CONTEXT = 3;
const LONGEST_PIECE = 160;

function differenceOf(control, ours) {
  const rows = align(linesOf(control.events), linesOf(ours.events));
  if (!rows.length) return element("p", "quiet", "Neither sends anything.");
  if (rows.every((row) => row.same)) {
    return element("p", "quiet", "Both send the same bytes; they differ in what is expected, or in TLS.");
  }
  const shown = folded(rows);
  return element(
    "div",
    "difference",
    sideOf(control.name, shown, "left", "right", "−"),
    sideOf(ours.name, shown, "right", "left", "+"),
  );
}

// A line is {bytes}, or {step} for something that we did between two writes.
function linesOf(events) {
  const lines = [];
  let bytes = "";
  const flush = () => {
    lines.push(...(bytes.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((line) => ({ bytes: line })));
    bytes = "";
  };
  for (const event of events) {
    if (event.role === "follow-up") break;
    if (event.role === "bytes") {
      bytes += event.data ?? "";
      if (!event.cut) continue;
      flush();
      lines.push({ step: leftOut(event) });
      bytes = event.tail ?? "";
    } else if (event.role === "step") {
      flush();
      lines.push({ step: event.text });
    }
  }
  flush();
  return lines;
}

function isSame(left, right) {
  return left.bytes === right.bytes && left.step === right.step;
}

function align(left, right) {
  let start = 0;
  while (start < left.length && start < right.length && isSame(left[start], right[start])) start += 1;
  let end = 0;
  const most = Math.min(left.length, right.length) - start;
  while (end < most && isSame(left.at(-1 - end), right.at(-1 - end))) end += 1;
  const same = (line) => ({ left: line, right: line, same: true });
  return [
    ...left.slice(0, start).map(same),
    ...alignMiddle(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...left.slice(left.length - end).map(same),
  ];
}

// The longest common subsequence, found from the end; the lines between its members are paired in order.
function alignMiddle(left, right) {
  if (left.length * right.length > MOST_PAIRS) return paired(left, right);
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = isSame(left[i], right[j])
        ? lengths[i + 1][j + 1] + 1
        : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const rows = [];
  let [i, j, fromLeft, fromRight] = [0, 0, 0, 0];
  while (i < left.length && j < right.length) {
    if (isSame(left[i], right[j])) {
      rows.push(...paired(left.slice(fromLeft, i), right.slice(fromRight, j)));
      rows.push({ left: left[i], right: right[j], same: true });
      [i, j] = [i + 1, j + 1];
      [fromLeft, fromRight] = [i, j];
    } else if (lengths[i + 1][j] >= lengths[i][j + 1]) i += 1;
    else j += 1;
  }
  return [...rows, ...paired(left.slice(fromLeft), right.slice(fromRight))];
}

function paired(left, right) {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => ({
    left: left[index],
    right: right[index],
    same: false,
  }));
}

function folded(rows) {
  const near = rows.map((_, index) =>
    rows.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((row) => !row.same),
  );
  const shown = [];
  for (let index = 0; index < rows.length; index += 1) {
    let end = index;
    while (end < rows.length && !near[end]) end += 1;
    if (end - index > 1) {
      const left = { step: `${end - index} equal lines` };
      shown.push({ left, right: left, same: true });
      index = end - 1;
    } else shown.push(rows[index]);
  }
  return shown;
}

// mine, others: the sides of a row. sign: marks a line that the other side lacks.
function sideOf(name, rows, mine, others, sign) {
  const lines = rows.map((row) => lineOf(row, row[mine], row[others], sign));
  const list = element("div", "lines", ...lines);
  list.tabIndex = 0;
  list.setAttribute("role", "group");
  list.setAttribute("aria-label", name);
  return element("div", "side", element("h5", "", name), list);
}

function lineOf(row, line, other, alone) {
  if (!line) return element("div", "line gap", "\u00a0");
  const text = line.step === undefined ? pieces(line.bytes, row.same ? undefined : other?.bytes) : [line.step];
  const content = element("span", line.step === undefined ? "" : "step", ...text);
  if (row.same) return element("div", "line", content);
  const sign = element("span", "sign", other ? "≠" : alone);
  sign.setAttribute("aria-hidden", "true");
  return element("div", "line differs", sign, element("span", "unseen", "differs: "), content);
}

// A line's bytes, the part that differs from the other line marked; nothing is marked without another line.
function pieces(bytes, other) {
  if (other === undefined) return clipped(bytes);
  let start = 0;
  while (start < bytes.length && start < other.length && bytes[start] === other[start]) start += 1;
  let end = 0;
  const most = Math.min(bytes.length, other.length) - start;
  while (end < most && bytes.at(-1 - end) === other.at(-1 - end)) end += 1;
  const middle = bytes.slice(start, bytes.length - end);
  const marked = middle ? [element("mark", "", ...clipped(middle))] : [];
  return [...clipped(bytes.slice(0, start)), ...marked, ...clipped(bytes.slice(bytes.length - end))];
}

function clipped(bytes) {
  if (bytes.length <= LONGEST_PIECE) return visibly(bytes);
  const half = LONGEST_PIECE / 2;
  const left = element("span", "cut", ` … ${bytes.length - LONGEST_PIECE} bytes … `);
  return [...visibly(bytes.slice(0, half)), left, ...visibly(bytes.slice(-half))];
}

function visibly(bytes) {
  return (bytes.match(/[ -~]+|[^ -~]+/g) ?? []).map((piece) => (/^[ -~]/.test(piece) ? piece : escapes(piece)));
}

