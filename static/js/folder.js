// A whole folder of evidence: each file finds its row by the code in its path, a person checks the
// list, and only then the files are sent, one after the other.
import { token } from "./evidence.js";

const $ = (selector, root = document) => root.querySelector(selector);

const root = $("[data-folder]");
const input = $("[data-folder-input]", root);
const preview = $("[data-folder-preview]", root);
const list = $("[data-folder-rows]", root);
const start = $("[data-folder-start]", root);
const progress = $("[data-folder-progress]", root);
const codes = $("[data-folder-codes]", root).content.firstElementChild;

const SIGNS = { ready: "none", sending: "info", done: "ok", failed: "bad", refused: "warn" };
const known = new Map(
  [...codes.options].filter((option) => option.value).map((option) => [plain(option.value), option.value]),
);
const extensions = new Set(root.dataset.extensions.split(" "));
const largest = Number(root.dataset.maxMib) * 1024 * 1024;
const most = Number(root.dataset.filesMax);

let entries = [];
let busy = false;

function plain(text) {
  return text.toLowerCase().replace(/[\s_.\u2013-]+/g, ".");
}

// The deepest name that begins with a code decides; of several codes the longest.
function codeOf(path) {
  for (const part of path.split("/").reverse()) {
    const name = plain(part);
    let found = "";
    for (const code of known.keys()) {
      if ((name === code || name.startsWith(`${code}.`)) && code.length > found.length) found = code;
    }
    if (found) return known.get(found);
  }
  return "";
}

function isClutter(file) {
  return /^(\.|~\$|thumbs\.db$|desktop\.ini$)/i.test(file.name);
}

function faultOf(file) {
  const extension = file.name.includes(".") ? file.name.split(".").pop().toLowerCase() : "";
  if (!extensions.has(extension)) return "Jenis berkas tidak diterima";
  if (!file.size) return "Berkas kosong";
  if (file.size > largest) return `Lebih besar dari ${root.dataset.maxMib} MB`;
  return "";
}

function say(entry, state, text) {
  entry.state = state;
  const sign = document.createElement("span");
  sign.className = `z-say is-${SIGNS[state]}`;
  sign.textContent = text;
  entry.place.replaceChildren(sign);
}

function draw(file) {
  const path = file.webkitRelativePath || file.name;
  const entry = { file, path, state: "", select: null, place: null };
  const row = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  const parts = path.split("/");
  name.textContent = parts.pop();
  const folder = document.createElement("small");
  folder.className = "d-block z-3rd";
  folder.textContent = parts.join(" / ");
  name.append(folder);
  const where = document.createElement("td");
  where.dataset.l = "Butir";
  entry.place = document.createElement("td");
  entry.place.dataset.l = "Keadaan";
  const fault = faultOf(file);
  if (fault) {
    where.textContent = "–";
    say(entry, "refused", fault);
  } else {
    entry.select = codes.cloneNode(true);
    entry.select.value = codeOf(path);
    entry.select.setAttribute("aria-label", `Butir untuk ${file.name}`);
    entry.select.addEventListener("change", () => {
      ready(entry);
      count();
    });
    where.append(entry.select);
    ready(entry);
  }
  row.append(name, where, entry.place);
  list.append(row);
  return entry;
}

function ready(entry) {
  if (entry.select.value) say(entry, "ready", "Siap diunggah");
  else say(entry, "refused", "Pilih butirnya, atau dilewati");
}

function waiting() {
  return entries.filter((entry) => entry.select?.value && ["ready", "failed"].includes(entry.state));
}

function count(note = "") {
  const of = (state) => entries.filter((entry) => entry.state === state).length;
  const parts = [`${entries.length} berkas`, `${waiting().length} siap diunggah`];
  if (of("done")) parts.push(`${of("done")} terunggah`);
  if (of("refused")) parts.push(`${of("refused")} dilewati`);
  if (of("failed")) parts.push(`${of("failed")} gagal`);
  $("[data-folder-count]", root).textContent = `${parts.join(", ")}.${note ? ` ${note}` : ""}`;
  const left = waiting().length;
  start.disabled = busy || !left;
  const again = of("failed") && of("failed") === left;
  $("[data-folder-start-label]", root).textContent = again
    ? `Coba lagi ${left} berkas`
    : `Unggah ${left} berkas`;
}

input.addEventListener("change", () => {
  const files = [...input.files].filter((file) => !isClutter(file));
  files.sort((a, b) => (a.webkitRelativePath < b.webkitRelativePath ? -1 : 1));
  list.replaceChildren();
  entries = files.slice(0, most).map(draw);
  preview.hidden = !input.files.length;
  progress.hidden = true;
  const rest = files.length - entries.length;
  count(rest > 0 ? `${rest} berkas lain tidak dimuat; unggah folder bagian demi bagian.` : "");
});

start.addEventListener("click", async () => {
  busy = true;
  input.disabled = true;
  const batch = waiting();
  progress.hidden = false;
  progress.max = batch.length;
  progress.value = 0;
  count();
  let stop = "";
  for (const entry of batch) {
    entry.select.disabled = true;
    stop = await send(entry);
    if (entry.state === "failed") entry.select.disabled = false;
    progress.value += 1;
    count();
    if (stop) break;
  }
  busy = false;
  input.disabled = false;
  count(stop);
});

// Returns why the others need not be tried; blank to go on.
async function send(entry) {
  say(entry, "sending", "Mengunggah…");
  const body = new FormData();
  body.set("csrfmiddlewaretoken", token());
  body.set("how", "upload");
  body.append("files", entry.file);
  let reply;
  try {
    reply = await fetch(root.dataset.attach.replace("KODE", entry.select.value), {
      method: "POST",
      body,
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
  } catch {
    say(entry, "failed", "Tidak ada jaringan");
    return "Tidak ada jaringan; coba lagi setelah tersambung.";
  }
  const facts = await reply.json().catch(() => ({}));
  if (reply.ok) {
    say(entry, "done", "Terunggah");
    return "";
  }
  say(entry, "failed", facts.message ?? (reply.status === 413 ? "Berkas terlalu besar" : "Belum tersimpan"));
  return reply.status === 401 ? "Sesi Anda berakhir. Masuk lagi di tab lain, lalu coba lagi." : "";
}

window.addEventListener("beforeunload", (event) => {
  if (busy) event.preventDefault();
});
