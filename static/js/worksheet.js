// The worksheet page: rows that open where they stand, typing that is kept at once, keys, filters.
// Without this file every row is a plain form.
import { drawClash } from "./clash.js";
import { EvidencePane, token } from "./evidence.js";
import { SaveQueue } from "./savequeue.js";
import { SignIn } from "./signin.js";
import { toast } from "./ui.js";
import { Viewer } from "./viewer.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const root = $("[data-worksheet]");
const facts = root.dataset;
const narrow = matchMedia("(max-width: 1279.98px)");
const info = $("[data-info]");
const infoHome = info.parentElement;
const sync = $("[data-sync]");
const signs = $("template[data-signs]");
const rows = new Map($$("[data-row]", root).map((row) => [row.dataset.row, row]));
const details = new Map();

const WORDS = {
  saved: "Tersimpan",
  waiting: "Menyimpan…",
  saving: "Menyimpan…",
  offline: "Menunggu jaringan",
  login: "Menunggu masuk",
  conflict: "Bentrok",
  failed: "Gagal disimpan",
  held: "Lengkapi semua jumlah",
};
const KINDS = {
  saved: "ok",
  waiting: "info",
  saving: "info",
  offline: "warn",
  login: "warn",
  conflict: "bad",
  failed: "bad",
  held: "warn",
};

function sign(state) {
  return $(`[data-sign="${state}"]`, signs.content).firstElementChild.cloneNode(true);
}

function clock(iso) {
  return new Intl.DateTimeFormat("id-ID", { timeZone: "Asia/Jakarta", hour: "2-digit", minute: "2-digit" })
    .format(iso ? new Date(iso) : new Date())
    .replace(":", ".");
}

// Rows and their fields -----------------------------------------------------------------------

const queue = new SaveQueue({ user: facts.user, whoami: facts.whoami });
const signIn = new SignIn({
  dialog: $("#masuk"),
  login: facts.login,
  whoami: facts.whoami,
  user: facts.user,
  done: () => queue.resume(),
});

const evidence = new EvidencePane({
  pane: info,
  took: (reply) => takeReply(reply),
  login: () => signIn.open(),
});

const viewer = new Viewer({
  dialog: $("[data-viewer]", info),
  pane: info,
  frame: $(".z-ws", root),
  narrow,
  login: () => signIn.open(),
});

function place(code) {
  return { assessment: facts.assessment, track: facts.track, code, url: facts.save };
}

function baseOf(row) {
  return JSON.parse($("input[name=base]", row).value);
}

// What the server holds in a field, in the form in which the page reads its own fields.
function stored(row, field) {
  const value = baseOf(row)[field];
  if (field === "inputs") {
    return value && Object.fromEntries(Object.entries(value).map(([name, count]) => [name, String(count)]));
  }
  return value ?? "";
}

function countsOf(row) {
  const inputs = $$("input[name^='inputs.']", row);
  const counts = {};
  for (const input of inputs) {
    const text = input.value.trim().replace(",", ".");
    if (text) counts[input.name.slice("inputs.".length)] = text;
  }
  const filled = Object.keys(counts).length;
  return { value: filled ? counts : null, held: filled > 0 && filled < inputs.length };
}

function typed(row, target) {
  if (target.name.startsWith("inputs.")) return { field: "inputs", ...countsOf(row) };
  if (target.type === "checkbox") return { field: target.name, value: target.checked, held: false };
  return { field: target.name, value: target.value.replace(/\r\n?/g, "\n"), held: false };
}

// The order of keys must not look like a change.
function ordered(value) {
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function take(target, now) {
  const row = target.closest("[data-row]");
  if (!row?.hasAttribute("data-writable") || !target.name || target.type === "hidden") return;
  if (target.closest("[data-clash]")) return;
  const { field, value, held } = typed(row, target);
  queue.put(place(row.dataset.row), field, ordered(value), {
    base: ordered(stored(row, field)),
    version: Number(row.dataset.version),
    held,
    now,
  });
}

root.addEventListener("input", (event) => {
  if (!event.target.matches("select, [type=radio], [type=checkbox]")) take(event.target, false);
});
root.addEventListener("change", (event) => {
  if (event.target.matches("select, [type=radio], [type=checkbox], [type=date]")) take(event.target, true);
});
root.addEventListener("focusout", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row) queue.flush(place(row.dataset.row));
});

function write(row, field, value) {
  if (field === "inputs") {
    for (const input of $$("input[name^='inputs.']", row)) {
      const count = value?.[input.name.slice("inputs.".length)];
      input.value = count === undefined || count === null ? "" : String(count).replace(".", ",");
    }
    return;
  }
  const form = $("form", row);
  const control = form?.elements[field];
  if (!control) return;
  if (control instanceof RadioNodeList || control.type === "radio") {
    for (const radio of $$(`input[type=radio][name="${field}"]`, row)) radio.checked = radio.value === value;
  } else if (control.type === "checkbox") control.checked = Boolean(value);
  else if (control.value !== (value ?? "")) control.value = value ?? "";
}

// What an entry holds is what its writer sees, wherever he comes from.
function showEntry(entry) {
  const row = rows.get(entry.code);
  if (!row?.hasAttribute("data-writable")) return;
  const unsent = { ...entry.sent?.changes, ...entry.changes };
  for (const [field, value] of Object.entries(unsent)) write(row, field, value);
  if (entry.conflict) showClash(entry.code);
}

function isOurs(detail) {
  return String(detail.assessment) === facts.assessment && detail.track === facts.track;
}

// States --------------------------------------------------------------------------------------

function showState(code, state, at, message) {
  const say = $("[data-say]", rows.get(code));
  if (!say) return;
  const text = state === "saved" ? `${WORDS.saved} ${clock(at)}` : WORDS[state];
  say.className = `z-say is-${KINDS[state]}`;
  say.replaceChildren(sign(state), text);
  const row = rows.get(code);
  $(".z-local", row)?.remove();
  const more = {
    offline: "Tersimpan di perangkat ini; dikirim sendiri begitu jaringan kembali.",
    login: "Tersimpan di perangkat ini; dikirim setelah Anda masuk lagi.",
    held: "Jumlah dikirim setelah semua isian lengkap; sementara ini tersimpan di perangkat ini.",
    failed: message || "Isian ini tidak dapat disimpan. Perbaiki, lalu coba lagi.",
  }[state];
  if (!more) return;
  const note = document.createElement("div");
  note.className = "z-local";
  note.textContent = `${more} `;
  if (state === "failed") note.append(...failedParts(row, code));
  $(".z-item-body", row).append(note);
}

// What could not be stored: its text where the row can no longer show it, and the way to drop it.
function failedParts(row, code) {
  const entry = queue.entry(place(code));
  const parts = [];
  const texts = Object.values(entry?.changes ?? {}).filter((value) => typeof value === "string" && value);
  if (texts.length && !row.hasAttribute("data-writable")) {
    const kept = document.createElement("textarea");
    kept.className = "form-control";
    kept.readOnly = true;
    kept.rows = 3;
    kept.value = texts.join("\n");
    kept.setAttribute("aria-label", "Isian Anda yang tidak tersimpan");
    parts.push(kept);
  }
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "z-linklike";
  drop.textContent = "Buang isian ini";
  drop.addEventListener("click", () => {
    queue.discard(place(code));
    if (!row.hasAttribute("data-writable")) return;
    for (const field of Object.keys(entry?.changes ?? {})) write(row, field, stored(row, field) ?? "");
  });
  parts.push(drop);
  return parts;
}

const soon = new Map();

queue.addEventListener("state", ({ detail }) => {
  if (!isOurs(detail) || !rows.has(detail.code)) return;
  clearTimeout(soon.get(detail.code));
  // A save that is quick needs no word before it is done.
  const delay = detail.state === "saving" || detail.state === "waiting" ? 400 : 0;
  const act = () => showState(detail.code, detail.state, detail.at, detail.message);
  if (delay) soon.set(detail.code, setTimeout(act, delay));
  else act();
  if (detail.state === "conflict") showClash(detail.code);
});

let pageTimer = 0;
let pageSaid = "";

queue.addEventListener("page", ({ detail }) => {
  clearTimeout(pageTimer);
  pageTimer = setTimeout(() => showPage(detail), 300);
});

function showPage(counts) {
  const lines = [];
  // What needs a hand leads to its row, on this page or another.
  const add = (state, text) => lines.push({ state, text, href: needsHand(state) });
  if (queue.store.volatile) add("failed", "Penyimpanan perangkat penuh: jangan tutup halaman ini sebelum tersimpan");
  if (counts.conflict) add("conflict", `${counts.conflict} bentrok`);
  if (counts.failed) add("failed", `${counts.failed} gagal disimpan`);
  if (counts.login) add("login", `${counts.login} menunggu masuk`);
  if (counts.offline) add("offline", `${counts.offline} menunggu jaringan`);
  if (counts.held) add("held", `${counts.held} belum lengkap`);
  const busy = counts.waiting + counts.saving;
  if (busy) add("saving", "Menyimpan…");
  if (!lines.length && "writes" in facts) add("saved", "Semua tersimpan");
  const said = lines.map((line) => line.text + line.href).join("|");
  if (said === pageSaid) return;
  pageSaid = said;
  sync.replaceChildren(
    ...lines.map(({ state, text, href }) => {
      const line = document.createElement(href ? "a" : "span");
      if (href) line.href = href;
      line.className = `z-say is-${KINDS[state]}`;
      line.append(sign(state), text);
      if (state === "login") {
        const again = document.createElement("button");
        again.type = "button";
        again.textContent = "Masuk lagi";
        again.addEventListener("click", () => signIn.open());
        line.append(again);
      }
      return line;
    }),
  );
}

function needsHand(state) {
  if (!["conflict", "failed", "held"].includes(state)) return "";
  const found = [...queue.states.values()].find((detail) => detail.state === state);
  return found ? `${facts.home.replace("/0/", `/${found.assessment}/`)}?butir=${found.code}` : "";
}

queue.addEventListener("storage", () => queue.dispatchEvent(new CustomEvent("page", { detail: countStates() })));

function countStates() {
  const counts = { saved: 0, waiting: 0, saving: 0, offline: 0, login: 0, conflict: 0, failed: 0, held: 0 };
  for (const { state } of queue.states.values()) counts[state] += 1;
  return counts;
}

queue.addEventListener("login", () => signIn.open());

queue.addEventListener("saved", ({ detail }) => {
  if (isOurs(detail) && rows.has(detail.code)) takeReply(detail.reply, detail.pending);
});

// A row came back from the server: its figures are drawn anew, its fields only where nobody types.
function takeReply(reply, pending = []) {
  const row = rows.get(reply.code);
  if (!row) return;
  if (reply.html) drawParts(row, reply.html);
  row.dataset.version = reply.version;
  row.dataset.flags = reply.flags;
  row.classList.toggle("is-done", reply.done);
  const base = $("input[name=base]", row);
  if (base && reply.base) {
    base.value = JSON.stringify(reply.base);
    $("input[name=base_version]", row).value = reply.version;
    const entry = queue.entry(place(reply.code));
    const unsent = new Set([...pending, ...Object.keys(entry?.changes ?? {}), ...Object.keys(entry?.sent?.changes ?? {})]);
    for (const field of Object.keys(reply.base)) {
      if (!unsent.has(field) && !isFocused(row, field)) write(row, field, stored(row, field));
    }
  }
  if (!queue.entry(place(reply.code))) $("[data-clash]", row).replaceChildren();
  if (reply.score_bar) replace($("[data-score]"), reply.score_bar);
  if (reply.verdict) replace($("[data-verdict]"), reply.verdict);
  for (const [code, points] of Object.entries(reply.points ?? {})) {
    for (const place of $$(`[data-points="${CSS.escape(code)}"]`)) place.textContent = points;
  }
  for (const [code, count] of Object.entries(reply.counts ?? {})) {
    for (const place of $$(`[data-done="${CSS.escape(code)}"]`)) place.textContent = count;
  }
  if (reply.detail) {
    details.set(reply.code, reply.detail);
    if (reply.code === current) showDetail(reply.detail);
  } else {
    details.delete(reply.code);
    if (reply.code === current) refreshDetailSoon();
  }
  countFilters();
}

function isFocused(row, field) {
  const active = document.activeElement;
  return row.contains(active) && (active.name === field || active.name?.startsWith(`${field}.`));
}

function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

function replace(where, html) {
  if (where.contains(document.activeElement)) {
    const at = $$("a, button", where).indexOf(document.activeElement);
    where.replaceChildren(parse(html));
    $$("a, button", where)[at]?.focus();
  } else where.replaceChildren(parse(html));
}

function drawParts(row, html) {
  const fresh = parse(html);
  for (const part of $$("[data-part]", fresh)) {
    const old = $(`[data-part="${part.dataset.part}"]`, row);
    if (!old) continue;
    if (old.innerHTML !== part.innerHTML) replace(old, part.innerHTML);
    old.hidden = part.hidden;
  }
}

// Conflicts -----------------------------------------------------------------------------------

function showClash(code) {
  const row = rows.get(code);
  const entry = queue.entry(place(code));
  if (!row || !entry?.conflict) return;
  drawClash(row, entry, sign, (field, value) => {
    const theirs = entry.conflict.fields[field].theirs;
    queue.resolve(place(code), { [field]: value });
    write(row, field, value === null ? theirs : value);
    const rest = queue.entry(place(code));
    if (rest?.conflict) showClash(code);
    else $("[data-clash]", row).replaceChildren();
    if (value === null) refreshRow(code);
    $("[data-open]", row).focus();
  });
}

// The row in work -----------------------------------------------------------------------------

let current = $(".z-item.is-on", root)?.dataset.row ?? "";

function visibleRows() {
  return [...rows.values()].filter((row) => !row.hidden && !row.closest(".z-sub")?.hidden);
}

function openRow(code, { focus = true, scroll = true } = {}) {
  const row = rows.get(code);
  if (!row) return;
  if (current && current !== code) rows.get(current)?.classList.remove("is-on");
  current = code;
  row.closest("details")?.setAttribute("open", "");
  row.classList.add("is-on");
  if (row.hasAttribute("data-light")) loadRow(row);
  placeInfo();
  loadDetail(code);
  const address = new URL(location.href);
  address.searchParams.set("butir", code);
  address.hash = "";
  history.replaceState(null, "", address);
  for (const link of $$("[data-sub-link]")) {
    link.toggleAttribute("aria-current", link.dataset.subLink === row.closest("[data-sub]")?.dataset.sub);
  }
  if (focus) $("[data-open]", row).focus({ preventScroll: true });
  if (scroll) row.scrollIntoView({ block: "nearest" });
}

function placeInfo() {
  const row = rows.get(current);
  info.classList.toggle("is-inline", narrow.matches);
  if (narrow.matches && row) row.after(info);
  else if (info.parentElement !== infoHome) infoHome.append(info);
}

narrow.addEventListener("change", placeInfo);

async function fetchPart(code, accept) {
  const reply = await fetch(facts.detailUrl.replace("KODE", code), {
    credentials: "same-origin",
    headers: { "X-Zona-Part": "1", Accept: accept },
  });
  if (reply.redirected || !reply.ok) throw new Error(String(reply.status));
  return reply;
}

// On the page of the whole sheet a row's work part comes when it is opened.
async function loadRow(row) {
  const code = row.dataset.row;
  try {
    const reply = await (await fetchPart(code, "application/json")).json();
    const fresh = parse(reply.html).firstElementChild;
    $(".z-work:not(.z-unit-note)", row).replaceChildren(...$(".z-work:not(.z-unit-note)", fresh).childNodes);
    row.removeAttribute("data-light");
    const full = $("input[name=full]", row);
    if (full) full.value = "1";
    const entry = queue.entry(place(code));
    if (entry) showEntry(entry);
    details.set(code, reply.detail);
    if (code === current) showDetail(reply.detail);
  } catch {
    toast("Butir ini belum dapat dibuka. Periksa jaringan, lalu coba lagi.", "warning");
  }
}

async function refreshRow(code) {
  try {
    const reply = await (await fetchPart(code, "application/json")).json();
    takeReply(reply);
  } catch {
    // Without network the row stays as it is shown; the next save brings it up to date.
  }
}

async function loadDetail(code) {
  info.setAttribute("aria-label", `Rincian butir ${code}`);
  if (details.has(code)) {
    showDetail(details.get(code));
  } else {
    try {
      const html = await (await fetchPart(code, "text/html")).text();
      details.set(code, html);
      if (code === current) showDetail(html);
    } catch {
      if (code === current) {
        const holder = document.createElement("div");
        holder.dataset.detail = code;
        const text = document.createElement("p");
        text.className = "z-card z-small z-2nd";
        text.textContent = "Petunjuk, bukti, dan riwayat butir ini perlu jaringan. Isian tetap dapat diketik.";
        holder.append(text);
        $("[data-detail]", info).replaceWith(holder);
      }
    }
  }
  const next = neighbour(1);
  if (next && !details.has(next.dataset.row)) {
    setTimeout(async () => {
      try {
        details.set(next.dataset.row, await (await fetchPart(next.dataset.row, "text/html")).text());
      } catch {
        // It is asked for again when the row is opened.
      }
    }, 300);
  }
}

function showDetail(html) {
  const old = $("[data-detail]", info);
  const fresh = parse(html).firstElementChild;
  if (old.contains(document.activeElement)) {
    const id = document.activeElement.id;
    const at = $$("a, button, input, select", old).indexOf(document.activeElement);
    old.replaceWith(fresh);
    (id ? document.getElementById(id) : $$("a, button, input, select", fresh)[at])?.focus();
  } else old.replaceWith(fresh);
  evidence.showUploads();
  viewer.redraw();
}

// The page brings the pane of its first row without the comments; they are fetched at once.
async function fetchRest(code) {
  if (!$("[data-later]", info)) return;
  try {
    const html = await (await fetchPart(code, "text/html")).text();
    details.set(code, html);
    if (code === current) showDetail(html);
  } catch {
    // What the page brought stays; its link leads to the comments.
  }
}

// A comment was written or read: what was fetched of the row before is old.
info.addEventListener("zona:talked", () => details.delete(current));

let detailTimer = 0;

function refreshDetailSoon() {
  clearTimeout(detailTimer);
  detailTimer = setTimeout(() => {
    if (!details.has(current) && !info.contains(document.activeElement)) loadDetail(current);
  }, 1500);
}

function neighbour(step) {
  const shown = visibleRows();
  return shown[shown.indexOf(rows.get(current)) + step];
}

function goNext() {
  const next = neighbour(1);
  if (next) openRow(next.dataset.row);
  else $("[data-next-section]")?.focus();
}

root.addEventListener("click", (event) => {
  const link = event.target.closest("[data-open]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    openRow(link.closest("[data-row]").dataset.row);
    return;
  }
  const next = event.target.closest("a[data-next]");
  if (next) {
    event.preventDefault();
    goNext();
    return;
  }
  const piece = event.target.closest("a[data-evidence]");
  if (piece) {
    event.preventDefault();
    showPiece(piece.dataset.evidence);
    return;
  }
  const row = event.target.closest("[data-row]:not(.is-on)");
  if (row && !event.target.closest("a, button, input, label, select, textarea, summary")) {
    openRow(row.dataset.row, { scroll: false });
  }
});

function showPiece(id) {
  const piece = id ? document.getElementById(`b${id}`) : $("#bukti", info);
  piece?.scrollIntoView({ block: "nearest" });
  for (const lit of $$(".is-lit", info)) lit.classList.remove("is-lit");
  piece?.classList.add("is-lit");
  $("a, input", piece ?? info)?.focus({ preventScroll: true });
}

root.addEventListener("submit", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row) return;
  event.preventDefault();
  queue.flush(place(row.dataset.row));
  if (event.submitter?.matches("[data-accept], [data-confirm-row]")) decide(row, event.submitter.formAction);
  else if (event.submitter?.hasAttribute("data-next")) goNext();
});

// Terima, or let the value stand: one request, and the row comes back.
async function decide(row, address) {
  const { row: code } = row.dataset;
  if (!(await queue.settled(place(code)))) {
    toast("Isian butir ini belum tersimpan. Tunggu sampai tersimpan, lalu coba lagi.", "warning");
    return;
  }
  const body = new FormData();
  body.set("code", code);
  body.set("csrfmiddlewaretoken", token());
  try {
    const reply = await fetch(address, {
      method: "POST",
      body,
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
    const answer = await reply.json();
    if (reply.status === 401) signIn.open();
    else if (!reply.ok) toast(answer.message ?? "Belum berhasil. Muat ulang halaman, lalu coba lagi.", "error");
    else {
      takeReply(answer);
      showState(code, "saved", answer.saved_at);
    }
  } catch {
    toast("Langkah ini memerlukan jaringan. Pilih nilainya dengan huruf; itu tersimpan di perangkat ini.", "warning");
  }
}

// Keys ----------------------------------------------------------------------------------------

const shortcuts = !("noKeys" in facts);

function pressOption(letter) {
  const row = rows.get(current);
  const radio =
    $(`.z-opts input[data-key="${letter}"]`, row ?? root) ??
    (letter === "Y" ? $('.z-opts input[value="Ya"]', row) : null);
  if (!row || !radio) return false;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function pressImplementation(number) {
  const radio = $(`input[name=implementation_check][data-key="${number}"]`, rows.get(current) ?? root);
  if (!radio) return false;
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function focusField(selector) {
  const field = $(selector, rows.get(current) ?? root);
  if (!field) return false;
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  field.scrollIntoView({ block: "nearest" });
  return true;
}

function nextUnanswered() {
  const shown = visibleRows();
  const at = shown.indexOf(rows.get(current));
  const isOpen = (row) => row.dataset.flags.split(" ").includes("belum");
  const found = shown.slice(at + 1).find(isOpen) ?? shown.slice(0, Math.max(at, 0)).find(isOpen);
  if (found) openRow(found.dataset.row);
  else toast("Semua butir pada halaman ini sudah dijawab.", "success");
  return true;
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  n: nextUnanswered,
  t: () => press("[data-accept]"),
  p: () => press("[data-confirm-row]"),
  u: () => focusField("textarea[name=condition]"),
  r: () => focusField("select[name=reason]"),
  v: () => {
    $("#bukti", info)?.scrollIntoView({ block: "nearest" });
    $("#bukti a, #bukti input, #bukti summary", info)?.focus();
    return true;
  },
  l: () => viewer.open(),
  f: () => {
    const phrases = $("[data-phrases]", info);
    if (!phrases) return false;
    phrases.open = true;
    phrases.scrollIntoView({ block: "nearest" });
    $("button, summary", phrases).focus();
    return true;
  },
  m: () => {
    const field = $("#komentar textarea", info);
    field?.scrollIntoView({ block: "nearest" });
    field?.focus({ preventScroll: true });
    return Boolean(field);
  },
  h: () => press("[data-explain]"),
  "?": () => {
    $("#pintasan").showModal();
    return true;
  },
};

function step(by) {
  const found = neighbour(by);
  if (found) openRow(found.dataset.row);
  return true;
}

function press(selector) {
  const button = $(selector, rows.get(current) ?? root);
  button?.click();
  return Boolean(button);
}

document.addEventListener("keydown", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  const writing = event.target.closest("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");
  if (event.key === "Escape" && writing && event.target.closest("[data-row]")) {
    $("[data-open]", event.target.closest("[data-row]")).focus();
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("[data-row]")) {
    event.preventDefault();
    goNext();
    return;
  }
  if ($("dialog[open]:not([data-viewer])")) return;
  if (viewer.isOpen && (event.key !== "Escape" || !writing) && viewer.key(event, shortcuts)) {
    event.preventDefault();
    return;
  }
  if (!shortcuts || !plain || writing || (viewer.isOpen && narrow.matches)) return;
  const key = event.key.toLowerCase();
  let done = false;
  if (KEYS[key]) done = KEYS[key]();
  else if (/^[a-ey]$/.test(key)) done = pressOption(key.toUpperCase());
  else if (/^[123]$/.test(key)) done = pressImplementation(key);
  if (done) event.preventDefault();
});

// Filters -------------------------------------------------------------------------------------

function countFilters() {
  const counts = {};
  for (const row of rows.values()) {
    for (const flag of row.dataset.flags.split(" ")) counts[flag] = (counts[flag] ?? 0) + 1;
  }
  for (const link of $$("[data-filter]")) {
    const count = link.dataset.filter ? (counts[link.dataset.filter] ?? 0) : rows.size;
    $("[data-count]", link).textContent = count;
  }
}

function applyFilter(name) {
  let shown = 0;
  for (const row of rows.values()) {
    row.hidden = Boolean(name) && !row.dataset.flags.split(" ").includes(name);
    if (!row.hidden) shown += 1;
  }
  for (const sub of $$("[data-sub]", root)) {
    sub.hidden = $$("[data-row]", sub).every((row) => row.hidden);
    if (name && !sub.hidden) sub.open = true;
  }
  for (const link of $$("[data-filter]")) {
    if (link.dataset.filter === name) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  $("[data-empty-filter]").hidden = shown > 0;
  if (rows.get(current)?.hidden) {
    const first = visibleRows()[0];
    if (first) openRow(first.dataset.row, { focus: false });
  }
  placeInfo();
}

root.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-filter], [data-empty-filter] a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const name = link.dataset.filter ?? "";
  const address = new URL(location.href);
  if (name) address.searchParams.set("saring", name);
  else address.searchParams.delete("saring");
  address.hash = "";
  history.pushState(null, "", address);
  applyFilter(name);
});

window.addEventListener("popstate", () => {
  applyFilter(new URL(location.href).searchParams.get("saring") ?? "");
});

// Dialogs -------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-detail-link]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  try {
    const reply = await fetch(link.href, { credentials: "same-origin", headers: { "X-Zona-Part": "1" } });
    if (!reply.ok || reply.redirected) throw new Error(String(reply.status));
    showDetail(await reply.text());
  } catch {
    location.assign(link.href);
  }
});

// Paper -----------------------------------------------------------------------------------------

let unfolded = [];

window.addEventListener("beforeprint", () => {
  unfolded = $$("[data-sub]:not([open])", root);
  for (const sub of unfolded) sub.open = true;
  rows.get(current)?.classList.remove("is-on");
});

window.addEventListener("afterprint", () => {
  for (const sub of unfolded) sub.open = false;
  rows.get(current)?.classList.add("is-on");
});

// Start ---------------------------------------------------------------------------------------

if ("writes" in facts) {
  for (const entry of queue.entries()) if (isOurs(entry)) showEntry(entry);
}
queue.start();
// On a phone the areas are a strip: begin it at the one that is open.
const openArea = $(".z-areas a[aria-current]")?.closest("li");
if (openArea) openArea.parentElement.scrollLeft = openArea.offsetLeft - 16;
if (current) {
  placeInfo();
  fetchRest(current);
  if (location.hash.length > 1 || new URL(location.href).searchParams.has("butir")) {
    rows.get(current).scrollIntoView({ block: "nearest" });
  }
}
countFilters();
