// A visit on a phone: one row after the other, kept on the device at once and sent when there is a
// way. All rows came with the page, so that a day without network is possible.
import { drawClash } from "./clash.js";
import { SaveQueue } from "./savequeue.js";
import { SignIn } from "./signin.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const root = $("[data-visit]");
const facts = root.dataset;
const rows = new Map($$("[data-row]", root).map((row) => [row.dataset.row, row]));
const order = [...rows.keys()];
const net = $("[data-net]");
const signs = $("template[data-signs]");
const WORDS = {
  saved: ["Tersimpan", "ok"],
  waiting: ["Menyimpan…", "info"],
  saving: ["Menyimpan…", "info"],
  offline: ["Menunggu jaringan", "warn"],
  login: ["Menunggu masuk", "warn"],
  conflict: ["Bentrok", "bad"],
  failed: ["Gagal disimpan", "bad"],
  held: ["Lengkapi semua jumlah", "warn"],
};

const sign = (state) => $(`[data-sign="${state}"]`, signs.content).firstElementChild.cloneNode(true);

// One row at a time ---------------------------------------------------------------------------

let current = "";

function show(code, { focus = false } = {}) {
  if (!rows.has(code)) return;
  current = code;
  for (const [name, row] of rows) row.hidden = name !== code;
  const at = order.indexOf(code);
  const [back, next] = [$("[data-back]"), $("[data-next]")];
  back.href = `#${order[Math.max(0, at - 1)]}`;
  next.href = `#${order[Math.min(order.length - 1, at + 1)]}`;
  $("[data-next-code]").textContent = order[at + 1] ?? "";
  next.hidden = at === order.length - 1;
  $("details", root)?.removeAttribute("open");
  window.scrollTo(0, 0);
  if (focus) $("h2", rows.get(code)).focus();
}

const asked = () => decodeURIComponent(location.hash.slice(1));
window.addEventListener("hashchange", () => show(asked(), { focus: true }));

// Fields --------------------------------------------------------------------------------------

const queue = new SaveQueue({ user: facts.user, whoami: facts.whoami });
const signIn = new SignIn({
  dialog: $("#masuk"),
  login: facts.login,
  whoami: facts.whoami,
  user: facts.user,
  done: () => queue.resume(),
});

function place(code) {
  return { assessment: facts.assessment, track: facts.track, code, url: facts.save };
}

const baseOf = (row) => JSON.parse(row.dataset.base);

function ordered(value) {
  if (!value || typeof value !== "object") return value ?? "";
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, count]) => [name, String(count)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function stored(row, field) {
  const value = baseOf(row)[field];
  return field === "inputs" ? (value && ordered(value)) || null : (value ?? "");
}

function typed(row, target) {
  if (!target.name.startsWith("inputs.")) {
    const value = target.value.replace(/\r\n?/g, "\n");
    return { field: target.dataset.field ?? target.name, value, held: false };
  }
  const inputs = $$("input[name^='inputs.']", row);
  const filled = inputs.filter((input) => input.value.trim());
  const counts = filled.map((input) => [input.name.slice(7), input.value.trim().replace(",", ".")]);
  return {
    field: "inputs",
    value: filled.length ? ordered(Object.fromEntries(counts)) : null,
    held: filled.length > 0 && filled.length < inputs.length,
  };
}

function take(target, now) {
  const row = target.closest("[data-row]");
  if (!row || !("writes" in facts) || !target.name || target.closest("[data-clash]")) return;
  const { field, value, held } = typed(row, target);
  queue.put(place(row.dataset.row), field, value, {
    base: stored(row, field),
    version: Number(row.dataset.version),
    held,
    now,
  });
}

root.addEventListener("input", (event) => {
  if (!event.target.matches("select, [type=radio]")) take(event.target, false);
});
root.addEventListener("change", (event) => {
  if (event.target.matches("select, [type=radio]")) take(event.target, true);
});
root.addEventListener("focusout", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row) queue.flush(place(row.dataset.row));
});

function write(row, field, value) {
  if (field === "inputs") {
    for (const input of $$("input[name^='inputs.']", row)) {
      input.value = String(value?.[input.name.slice(7)] ?? "").replace(".", ",");
    }
    return;
  }
  for (const control of $$(`[data-field="${field}"]`, row)) {
    if (control.type === "radio") control.checked = control.value === value;
    else if (control !== document.activeElement) control.value = value ?? "";
  }
}

function showEntry(entry) {
  const row = rows.get(entry.code);
  if (!row) return;
  for (const [field, value] of Object.entries({ ...entry.sent?.changes, ...entry.changes })) {
    write(row, field, value);
  }
  if (entry.conflict) showClash(entry.code);
}

// Telling -------------------------------------------------------------------------------------

const ours = (detail) => String(detail.assessment) === facts.assessment && detail.track === facts.track;

function showClash(code) {
  const entry = queue.entry(place(code));
  if (!entry?.conflict) return;
  drawClash(rows.get(code), entry, sign, (field, value) => {
    queue.resolve(place(code), { [field]: value });
    const left = queue.entry(place(code));
    write(rows.get(code), field, value ?? entry.conflict.fields[field].theirs);
    if (left?.conflict) showClash(code);
    else $("[data-clash]", rows.get(code)).replaceChildren();
  });
}

queue.addEventListener("state", ({ detail }) => {
  const row = ours(detail) && rows.get(detail.code);
  if (!row) return;
  const [word, kind] = WORDS[detail.state];
  const say = $("[data-say]", row);
  say.className = `z-say is-${kind}`;
  say.replaceChildren(sign(detail.state), detail.message || word);
  if (detail.state === "conflict") showClash(detail.code);
});

queue.addEventListener("page", ({ detail }) => {
  const waiting = detail.offline + detail.login + detail.waiting + detail.saving;
  const text = $("[data-net-say]");
  const trouble = queue.store.volatile
    ? "Penyimpanan perangkat penuh: jangan tutup halaman ini sebelum tersimpan."
    : detail.conflict + detail.failed
      ? `${detail.conflict + detail.failed} butir perlu dilihat: bentrok atau gagal disimpan.`
      : detail.login
        ? "Sesi berakhir. Isian aman di ponsel ini."
        : detail.offline || navigator.onLine === false
          ? `Tanpa jaringan. ${waiting} butir tersimpan di ponsel ini.`
          : "";
  net.hidden = !trouble;
  text.textContent = trouble;
});

queue.addEventListener("storage", () => queue.dispatchEvent(new CustomEvent("page", { detail: zero() })));
const zero = () => Object.fromEntries(Object.keys(WORDS).map((state) => [state, 0]));
queue.addEventListener("login", () => signIn.open());

queue.addEventListener("saved", ({ detail }) => {
  const row = ours(detail) && rows.get(detail.code);
  if (!row) return;
  const { reply, pending } = detail;
  row.dataset.version = reply.version;
  row.dataset.base = JSON.stringify(reply.base);
  const entry = queue.entry(place(detail.code));
  const unsent = new Set([...pending, ...Object.keys(entry?.changes ?? {})]);
  for (const field of Object.keys(reply.base)) {
    if (!unsent.has(field)) write(row, field, stored(row, field));
  }
  if (!entry) $("[data-clash]", row).replaceChildren();
  $(`[data-done="${CSS.escape(detail.code)}"]`)?.removeAttribute("hidden");
  if (reply.figures) {
    const made = document.createElement("template");
    made.innerHTML = reply.figures;
    $("[data-figures]").replaceChildren(made.content);
  }
});

for (const entry of queue.entries()) if (ours(entry)) showEntry(entry);
show(rows.has(asked()) ? asked() : (order.find((code) => !("checked" in rows.get(code).dataset)) ?? order[0]));
root.classList.add("is-live");
queue.start();
