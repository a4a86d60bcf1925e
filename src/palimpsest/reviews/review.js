"use strict";
// Everything is in this file: items, answers, and what becomes of keys. Nothing is fetched or sent.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const VERDICTS = ["faithful", "omission", "addition", "change"];
const CALLED = data.sentences
  ? ["labels are right", "a label is missing", "a label too many", "another label is right"]
  : VERDICTS;
const COLUMNS = ["page", "item", "unit", "target", "type", "rules", "judge", "annotator", "verdict", "blind"];
const WHOLE = "whole";
let answers = {}; // annotator -> "item/target" -> {verdict, blind}
let who = "", at = 0, target = 0, unsaved = 0;

const stored = () => `palimpsest review ${data.page}`;
function remember() {
  // Without storage, as in a private window, the file is what keeps the answers.
  try { localStorage.setItem(stored(), JSON.stringify(answers)); } catch { /* said at the end */ }
}
function recall() {
  try { answers = JSON.parse(localStorage.getItem(stored())) || {}; } catch { answers = {}; }
}
const blind = () => $("hide").getAttribute("aria-pressed") === "true";
const mine = () => (answers[who] ||= {});
const answered = (item) => `${item.id}/${WHOLE}` in mine();
const numbers = (item) => item.findings.map((_, n) => String(n + 1));
// Blind: the whole first; what rules found stands there once that is answered.
const hidden = (item) => blind() && !answered(item);
const targets = (item) =>
  hidden(item) ? [WHOLE] : blind() ? [WHOLE, ...numbers(item)] : [...numbers(item), WHOLE];
const seen = new Set(); // items of which an annotator has seen who wrote them, or what rules found
const element = (name, text, kind) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};

// A text with spans: [start, end, class, mark]; offsets are of code points, as Python counts.
function marked(place, text, spans) {
  const points = Array.from(text);
  const cuts = new Set([0, points.length]);
  for (const [start, end] of spans) { cuts.add(start); cuts.add(end); }
  const edges = [...cuts].sort((a, b) => a - b);
  place.replaceChildren();
  for (let n = 0; n + 1 < edges.length; n++) {
    const [start, end] = [edges[n], edges[n + 1]];
    const over = spans.filter((span) => span[0] <= start && span[1] >= end);
    const piece = points.slice(start, end).join("");
    if (!over.length) { place.append(piece); continue; }
    const part = element("span", piece, [...new Set(over.map((span) => span[2]))].join(" "));
    for (const span of over) if (span[3] && span[1] === end) part.append(element("sup", span[3]));
    place.append(part);
  }
}

function show() {
  const item = data.items[at], listed = targets(item);
  target = Math.min(target, listed.length - 1);
  $("where").textContent = `Item ${at + 1} of ${data.items.length}`;
  $("made").textContent = blind() ? "" : [item.made, item.place].filter(Boolean).join(" · ");
  $("context").hidden = !item.context;
  $("context").lastElementChild.textContent = item.context;
  const found = hidden(item) ? [] : item.findings;
  if (!blind() || found.length) seen.add(`${who}/${item.id}`);
  const spans = (side, kind) => [
    ...item.differences[side].map(([start, end]) => [start, end, kind]),
    ...found.flatMap((one, n) => {
      const [start, end] = side ? one.b : one.a;
      const current = listed[target] === String(n + 1) ? " current" : "";
      return start < 0 ? [] : [[start, end, `found${current}`, String(n + 1)]];
    }),
  ];
  if (data.sentences) {
    $("left-title").textContent = item.given ? "In its note" : "Without a note";
    const start = item.given.indexOf(item.text), length = Array.from(item.text).length;
    const first = Array.from(item.given.slice(0, Math.max(0, start))).length;
    marked($("left"), item.given, start < 0 ? [] : [[first, first + length, "sentence"]]);
    $("right-title").textContent = "Sentence and labels";
    marked($("right"), item.text, []);
    const labels = item.labels.map((name) => data.titles[name] || name);
    $("right").append(element("p", labels.length ? `Labels: ${labels.join("; ")}` : "Labels: none"));
  } else {
    $("left-title").textContent = "What was given";
    $("right-title").textContent = "What was written";
    marked($("left"), item.given, spans(0, "only-left"));
    marked($("right"), item.text, spans(1, "only-right"));
  }
  $("rules").textContent = data.sentences || hidden(item) ? ""
    : item.rules ? `By rules: ${item.kept} facts kept, ${found.length} findings.`
    : "Rules did not look at this one.";
  $("findings").replaceChildren(...found.map((one, n) => {
    const key = `${item.id}/${n + 1}`, line = element("li");
    const said = mine()[key] ? ` — you: ${mine()[key].verdict}` : "";
    const button = element("button", `${n + 1}. ${one.type}: ${one.status}${said}`);
    button.type = "button";
    button.setAttribute("aria-pressed", String(listed[target] === String(n + 1)));
    button.addEventListener("click", () => { target = listed.indexOf(String(n + 1)); show(); });
    line.append(button);
    return line;
  }));
  const whole = listed[target] === WHOLE;
  const asked = data.sentences ? "Are these labels right?" : "The rewriting as a whole";
  $("asked").textContent = whole ? asked
    : `Finding ${listed[target]}: what is it really? Where it is no mistake, answer faithful.`;
  const given = mine()[`${item.id}/${listed[target]}`];
  $("verdicts").replaceChildren($("asked"), ...VERDICTS.map((verdict, n) => {
    const button = element("button", `${CALLED[n]} `);
    button.type = "button";
    button.append(element("kbd", String(n + 1)));
    button.setAttribute("aria-pressed", String(given?.verdict === verdict));
    button.addEventListener("click", () => say(verdict));
    return button;
  }));
  const done = data.items.filter(answered).length;
  $("done").value = done;
  const left = unsaved ? `, ${unsaved} not saved to a file yet` : "";
  $("progress").textContent = done === data.items.length
    ? `${who}: all ${done} answered${left}. Save them with S.`
    : `${who}: ${done} of ${data.items.length} answered${left}`;
}

function say(verdict) {
  const item = data.items[at], listed = targets(item);
  mine()[`${item.id}/${listed[target]}`] = { verdict, blind: !seen.has(`${who}/${item.id}`) };
  unsaved += 1;
  remember();
  if (target + 1 < targets(item).length) { target += 1; show(); } else { forward(); }
}
function takeBack() {
  delete mine()[`${data.items[at].id}/${targets(data.items[at])[target]}`];
  unsaved += 1;
  remember();
  show();
}
function go(to) {
  at = Math.max(0, Math.min(data.items.length - 1, to));
  target = 0;
  show();
}
function forward() {
  if (at + 1 < data.items.length) go(at + 1); else show();
}
function unanswered() {
  const order = data.items.map((_, n) => (at + 1 + n) % data.items.length);
  const next = order.find((n) => !answered(data.items[n]));
  if (next === undefined) show(); else go(next);
}

const cell = (value) => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
// Numbers, types and verdicts: no text of an item, and no id of a note.
function csv() {
  const rows = [COLUMNS];
  for (const name of Object.keys(answers).sort()) {
    data.items.forEach((item) => {
      for (const one of [...numbers(item), WHOLE]) {
        const given = answers[name][`${item.id}/${one}`];
        if (!given) continue;
        const finding = one === WHOLE
          ? { type: "", status: item.rules ? item.findings.length ? "found" : "nothing" : "" }
          : item.findings[Number(one) - 1];
        const row = [data.page, item.id, item.unit, one, finding.type, finding.status];
        rows.push([...row, one === WHOLE ? item.judge : "", name, given.verdict, given.blind ? 1 : 0]);
      }
    });
  }
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
function save() {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
  link.download = `review-${data.review}-${Object.keys(answers).sort().join("-") || "nobody"}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  unsaved = 0;
  show();
}

function parsed(text) {
  const rows = [[""]];
  let quoted = false;
  for (let n = 0; n < text.length; n++) {
    const c = text[n], row = rows[rows.length - 1];
    if (quoted) {
      if (c === '"' && text[n + 1] === '"') { row[row.length - 1] += '"'; n++; }
      else if (c === '"') quoted = false;
      else row[row.length - 1] += c;
    } else if (c === '"') quoted = true;
    else if (c === "," || c === ";") row.push("");
    else if (c === "\n") rows.push([""]);
    else if (c !== "\r") row[row.length - 1] += c;
  }
  return rows.filter((row) => row.length > 1);
}
function load(text) {
  const [head, ...rows] = parsed(text.replace(/^\ufeff/, ""));
  if (!head || COLUMNS.some((name) => !head.includes(name))) return "this is no file of answers";
  const known = new Set(data.items.map((item) => item.id));
  let read = 0;
  for (const row of rows) {
    const said = Object.fromEntries(head.map((name, n) => [name, row[n]]));
    if (said.page !== data.page) return "these answers are of another page";
    if (!known.has(said.item) || !VERDICTS.includes(said.verdict) || !said.annotator) continue;
    const key = `${said.item}/${said.target}`;
    (answers[said.annotator] ||= {})[key] = { verdict: said.verdict, blind: said.blind === "1" };
    read += 1;
  }
  remember();
  return `${read} answers of ${Object.keys(answers).join(" and ")} read`;
}

$("load").addEventListener("change", async (event) => {
  const said = [];
  for (const file of event.target.files) said.push(`${file.name}: ${load(await file.text())}`);
  $("told").textContent = said.join("; ");
});
$("start").addEventListener("submit", (event) => {
  event.preventDefault();
  who = $("who").value.trim();
  $("hide").setAttribute("aria-pressed", String($("blind").checked));
  $("start").hidden = true;
  $("work").hidden = false;
  at = Math.max(0, data.items.findIndex((item) => !answered(item)));
  target = 0;
  show();
  $("where").focus();
});
$("other").addEventListener("click", () => {
  $("work").hidden = true;
  $("start").hidden = false;
  $("who").value = "";
  $("who").focus();
});
const toggle = (id) => {
  const shown = $(id).getAttribute("aria-pressed") === "true";
  $(id).setAttribute("aria-pressed", String(!shown));
  target = 0;
  show();
};
const help = () => {
  $("keys").hidden = !$("keys").hidden;
  $("help").setAttribute("aria-expanded", String(!$("keys").hidden));
};
$("hide").addEventListener("click", () => toggle("hide"));
$("help").addEventListener("click", help);
$("save").addEventListener("click", save);
$("back").addEventListener("click", () => go(at - 1));
$("next").addEventListener("click", forward);
const step = (by) => {
  const last = targets(data.items[at]).length - 1;
  target = Math.max(0, Math.min(last, target + by));
  show();
};
const KEYS = {
  1: () => say(VERDICTS[0]), f: () => say(VERDICTS[0]), 2: () => say(VERDICTS[1]),
  o: () => say(VERDICTS[1]), 3: () => say(VERDICTS[2]), a: () => say(VERDICTS[2]),
  4: () => say(VERDICTS[3]), c: () => say(VERDICTS[3]), u: takeBack, s: save, n: unanswered,
  b: () => toggle("hide"), "?": help, arrowright: forward, j: forward,
  arrowleft: () => go(at - 1), k: () => go(at - 1), arrowdown: () => step(1), arrowup: () => step(-1),
};
document.addEventListener("keydown", (event) => {
  if ($("work").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const action = KEYS[event.key.toLowerCase()];
  if (action && data.items.length) { event.preventDefault(); action(); }
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
recall();
if (!data.items.length) $("told").textContent = "There is nothing to review.";
if (Object.keys(answers).length) {
  $("told").textContent = `This browser has answers of ${Object.keys(answers).join(" and ")}.`;
}
