// A conflict, shown in its row: both values, what differs in them, and the choice.

const LABELS = {
  choice: "Nilai",
  document_check: "Dokumen",
  inputs: "Jumlah",
  condition: "Uraian",
  advice: "Saran perbaikan",
  reason: "Alasan",
  implementation_check: "Implementasi",
  check_method: "Cara memeriksa",
  check_place: "Tempat",
  checked_on: "Tanggal",
  awaits_data: "Menunggu data",
};
const LONG = new Set(["condition", "advice"]);

function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// The words of a text, with the spaces between them.
const words = (text) => text.split(/(\s+)/).filter(Boolean);

// Mark what of `text` is not in `other`: the longest common run of words is left plain.
export function marked(text, other) {
  const mine = words(text).slice(0, 1500);
  const theirs = words(other).slice(0, 1500);
  const width = theirs.length + 1;
  const table = new Uint16Array((mine.length + 1) * width);
  for (let i = mine.length - 1; i >= 0; i -= 1) {
    for (let j = theirs.length - 1; j >= 0; j -= 1) {
      table[i * width + j] =
        mine[i] === theirs[j]
          ? table[(i + 1) * width + j + 1] + 1
          : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
    }
  }
  const parts = document.createDocumentFragment();
  let run = "";
  let gap = "";
  const close = () => {
    if (run) parts.append(element("mark", "", run));
    parts.append(gap);
    run = "";
    gap = "";
  };
  const plain = (word) => {
    // A space between two marked words belongs to the mark.
    if (run && !word.trim()) gap += word;
    else {
      close();
      parts.append(word);
    }
  };
  const differing = (word) => {
    if (!run && !word.trim()) parts.append(word);
    else {
      run += gap + word;
      gap = "";
    }
  };
  let i = 0;
  let j = 0;
  while (i < mine.length) {
    if (j < theirs.length && mine[i] === theirs[j]) {
      plain(mine[i]);
      i += 1;
      j += 1;
    } else if (j < theirs.length && table[i * width + j + 1] > table[(i + 1) * width + j]) {
      j += 1;
    } else {
      differing(mine[i]);
      i += 1;
    }
  }
  close();
  return parts;
}

function said(value, row, field) {
  if (field === "inputs") {
    if (!value) return "–";
    return Object.entries(value)
      .map(([name, count]) => {
        const label = row.querySelector(`[name="inputs.${CSS.escape(name)}"]`)?.labels?.[0];
        return `${label?.textContent ?? name}: ${String(count).replace(".", ",")}`;
      })
      .join("; ");
  }
  if (typeof value === "boolean") return value ? "ya" : "tidak";
  if (!value) return "–";
  const input = row.querySelector(`[name="${field}"][value="${CSS.escape(value)}"]`);
  if (field === "choice" && input) {
    return `${value}: ${input.closest("label").querySelector(".c").textContent}`;
  }
  if (input) return input.closest("label").textContent.trim();
  const option = row.querySelector(`select[name="${field}"] option[value="${CSS.escape(value)}"]`);
  return option ? option.textContent : String(value);
}

function clock(iso) {
  if (!iso) return "";
  return new Intl.DateTimeFormat("id-ID", { timeZone: "Asia/Jakarta", hour: "2-digit", minute: "2-digit" })
    .format(new Date(iso))
    .replace(":", ".");
}

function button(text, kind, act) {
  const made = element("button", `btn btn-sm btn-${kind}`, text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

// Draw the conflicts of an entry into the row. decide(field, value): value null keeps theirs.
export function drawClash(row, entry, sign, decide) {
  const place = row.querySelector("[data-clash]");
  const boxes = Object.values(entry.conflict.fields).map((facts) => clashBox(row, entry, facts, sign, decide));
  place.replaceChildren(...boxes);
}

function clashBox(row, entry, facts, sign, decide) {
  const { field } = facts;
  const mine = field in entry.changes ? entry.changes[field] : facts.mine;
  const long = LONG.has(field);
  const label = LABELS[field] ?? field;
  const who = (facts.by || "orang lain").split(" ")[0];
  const box = element("div", "z-clash");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `Bentrok pada ${label.toLowerCase()} ${row.dataset.row}`);
  const head = element("div", "z-clash-head");
  const text = element("span");
  text.append(element("b", "", `${label} diubah dua orang.`), " Kedua isian disimpan. Pilih yang dipakai; yang lain tetap ada di riwayat.");
  head.append(sign("conflict"), text);
  const columns = element("div", "z-clash-cols");
  columns.append(
    mineColumn(row, entry, facts, mine, long, decide),
    theirsColumn(row, facts, mine, long, who, decide),
  );
  box.append(head, columns);
  return box;
}

function mineColumn(row, entry, facts, mine, long, decide) {
  const column = element("div");
  const head = element("h4", "", "Isian Anda");
  head.append(element("small", "", clock(entry.at)));
  column.append(head);
  if (!long) {
    const text = element("p", "", said(mine, row, facts.field));
    column.append(text, button("Pakai isian saya", "primary", () => decide(facts.field, mine)));
    return column;
  }
  const shown = element("p");
  shown.append(marked(mine ?? "", facts.theirs ?? ""));
  const area = element("textarea", "form-control");
  area.value = mine ?? "";
  area.rows = 4;
  area.setAttribute("aria-label", "Isian Anda, dapat diubah");
  area.dataset.clashMine = facts.field;
  area.addEventListener("input", () => shown.replaceChildren(marked(area.value, facts.theirs ?? "")));
  column.append(shown, area, button("Pakai isian saya", "primary", () => decide(facts.field, area.value)));
  return column;
}

function theirsColumn(row, facts, mine, long, who, decide) {
  const column = element("div");
  const head = element("h4", "", "Isian yang tersimpan");
  head.append(element("small", "", [facts.by, clock(facts.at)].filter(Boolean).join(" · ")));
  const shown = element("p");
  if (long) shown.append(marked(facts.theirs ?? "", mine ?? ""));
  else shown.textContent = said(facts.theirs, row, facts.field);
  const actions = element("div", "z-row");
  actions.append(button(`Pakai isian ${who}`, "quiet", () => decide(facts.field, null)));
  if (long) {
    actions.append(
      button("Gabungkan", "plain", () => {
        const area = row.querySelector(`[data-clash-mine="${facts.field}"]`);
        const parts = [facts.theirs ?? "", area.value].map((part) => part.trim()).filter(Boolean);
        area.value = [...new Set(parts)].join("\n\n");
        area.dispatchEvent(new Event("input"));
        area.rows = 8;
        area.focus();
      }),
    );
  }
  column.append(head, shown, actions);
  return column;
}
