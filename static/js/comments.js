// Comments beside a row: sent without leaving it, drafts that outlive the pane, people called by @.
import { token } from "./evidence.js";
import { toast } from "./ui.js";

const root = document.querySelector("[data-worksheet]");
const info = document.querySelector("[data-info]");
const READ_MS = 2000;
const ASK_MS = 200;

// Drafts -------------------------------------------------------------------------------------

// A draft belongs to a person, a row and what it answers; it lives as long as the tab.
function draftKey(field) {
  const row = field.closest("[data-talk]").dataset.talk;
  const answers = field.form.elements.answers?.value ?? "";
  return `zona-comment:${root.dataset.user}:${root.dataset.assessment}:${row}:${answers}`;
}

function keep(field) {
  try {
    if (field.value) sessionStorage.setItem(draftKey(field), field.value);
    else sessionStorage.removeItem(draftKey(field));
  } catch {
    // Without storage the draft lives in its field alone.
  }
}

function restore() {
  for (const field of info.querySelectorAll("textarea[data-mention]")) {
    if (field.value) continue;
    let text = null;
    try {
      text = sessionStorage.getItem(draftKey(field));
    } catch {
      return;
    }
    if (!text) continue;
    field.value = text;
    field.closest("details")?.setAttribute("open", "");
  }
}

// Sending ------------------------------------------------------------------------------------

async function send(form, submitter) {
  const body = new FormData(form, submitter);
  body.set("csrfmiddlewaretoken", token());
  const section = form.closest("[data-talk]");
  let reply;
  try {
    reply = await fetch(form.action, {
      method: "POST",
      body,
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
  } catch {
    toast("Tidak ada jaringan; komentar belum terkirim dan tetap ada di kotaknya.", "warning");
    return;
  }
  const facts = await reply.json().catch(() => ({}));
  if (!reply.ok) {
    const lost = reply.status === 401 || reply.status === 403;
    toast(facts.message ?? (lost ? "Masuk lagi, lalu kirim sekali lagi." : "Komentar belum terkirim. Coba lagi."), "error");
    return;
  }
  const field = form.querySelector("textarea[data-mention]");
  if (field) {
    field.value = "";
    keep(field);
  }
  const fresh = new DOMParser().parseFromString(facts.html, "text/html").querySelector("[data-talk]");
  info.dispatchEvent(new CustomEvent("zona:talked"));
  if (section.isConnected) {
    section.replaceWith(fresh);
    fresh.querySelector(".z-card-head h2").setAttribute("tabindex", "-1");
    fresh.querySelector(".z-card-head h2").focus({ preventScroll: true });
  }
  toast(facts.message, "success");
}

info.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-comment], [data-resolve]")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

// Reading ------------------------------------------------------------------------------------

// What has stood before the eyes for two seconds is read; a row that is only fetched is not.
let reading = 0;

function readSoon() {
  clearTimeout(reading);
  const section = info.querySelector("[data-talk]");
  if (!section || section.dataset.unread === "0") return;
  const seen = new IntersectionObserver(([entry]) => {
    clearTimeout(reading);
    if (!entry.isIntersecting || !section.isConnected) return;
    reading = setTimeout(async () => {
      if (!section.isConnected || document.hidden) return;
      seen.disconnect();
      const body = new FormData();
      body.set("last", section.dataset.last);
      body.set("csrfmiddlewaretoken", token());
      try {
        const reply = await fetch(section.dataset.seen, {
          method: "POST",
          body,
          credentials: "same-origin",
          headers: { Accept: "application/json" },
        });
        if (!reply.ok) return;
        section.dataset.unread = "0";
        info.dispatchEvent(new CustomEvent("zona:talked"));
      } catch {
        // Without network it stays unread, and is told again the next time.
      }
    }, READ_MS);
  });
  seen.observe(section);
}

// Calling people -----------------------------------------------------------------------------

let list = null;
let asked = 0;
let timer = 0;

function wordBefore(field) {
  const found = /(?:^|\s)@([\p{L}\p{N}.+_-]{0,60})$/u.exec(field.value.slice(0, field.selectionStart));
  return found && field.selectionStart === field.selectionEnd ? found[1] : null;
}

function close(field) {
  list?.remove();
  list = null;
  asked += 1;
  clearTimeout(timer);
  if (!field) return;
  field.removeAttribute("aria-activedescendant");
  field.removeAttribute("aria-controls");
}

function suggest(field) {
  const word = wordBefore(field);
  if (word === null) {
    close(field);
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(() => ask(field, word), ASK_MS);
}

async function ask(field, word) {
  const number = ++asked;
  const address = new URL(field.closest("[data-talk]").dataset.people, location.href);
  const internal = field.form.elements.internal?.checked || "internal" in field.dataset;
  address.searchParams.set("q", word);
  if (internal) address.searchParams.set("internal", "1");
  try {
    const reply = await fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!reply.ok || reply.redirected) return;
    const { people } = await reply.json();
    if (number === asked && field.isConnected) show(field, people);
  } catch {
    // Without network nobody is suggested; an account can be typed out.
  }
}

function show(field, people) {
  close(field);
  if (!people.length) return;
  list = document.createElement("ul");
  list.className = "z-people";
  list.id = "orang-disebut";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Orang yang dapat dipanggil");
  for (const [place, person] of people.entries()) {
    const option = document.createElement("li");
    option.id = `orang-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(place === 0));
    option.dataset.account = person.account;
    const post = document.createElement("small");
    post.textContent = [person.post, `@${person.account}`].filter(Boolean).join(" · ");
    option.append(person.name, post);
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(field, option);
    });
    list.append(option);
  }
  field.after(list);
  list.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-activedescendant", "orang-0");
}

function choose(field, option) {
  const end = field.selectionStart;
  const word = wordBefore(field) ?? "";
  field.setRangeText(`@${option.dataset.account} `, end - word.length - 1, end, "end");
  keep(field);
  close(field);
  field.focus();
}

function move(field, by) {
  const options = [...list.children];
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = (at + by + options.length) % options.length;
  for (const [place, option] of options.entries()) option.setAttribute("aria-selected", String(place === next));
  field.setAttribute("aria-activedescendant", options[next].id);
  options[next].scrollIntoView({ block: "nearest" });
}

info.addEventListener("input", (event) => {
  if (!event.target.matches("textarea[data-mention]")) return;
  keep(event.target);
  suggest(event.target);
});

info.addEventListener(
  "keydown",
  (event) => {
    if (!event.target.matches("textarea[data-mention]")) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      event.target.form.requestSubmit(event.target.form.querySelector("button"));
      return;
    }
    if (!list) return;
    const act = {
      ArrowDown: () => move(event.target, 1),
      ArrowUp: () => move(event.target, -1),
      Enter: () => choose(event.target, list.querySelector('[aria-selected="true"]')),
      Tab: () => choose(event.target, list.querySelector('[aria-selected="true"]')),
      Escape: () => close(event.target),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  },
  true,
);

info.addEventListener("focusout", (event) => {
  if (event.target.matches("textarea[data-mention]")) close(event.target);
});

// The pane is drawn anew whenever its row changes.
new MutationObserver(() => {
  restore();
  readSoon();
}).observe(info, { childList: true });

restore();
readSoon();
