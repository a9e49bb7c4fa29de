// What every page does beyond links and forms: open menus close again, grave acts ask first,
// messages leave by themselves, "/" finds. Every page works without this file.

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const TOAST_MS = 8000;

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}

// Menus are <details>: a click elsewhere or Escape closes them, and only one is open.
function closeMenus(except) {
  for (const menu of $$("details[data-drop][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  closeMenus(event.target.closest("details[data-drop]"));
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = $("details[data-drop][open]");
    if (menu) {
      menu.open = false;
      $("summary", menu).focus();
    }
    return;
  }
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (event.key === "/" && plain && !isTyping(event.target) && !("noKeys" in document.body.dataset)) {
    const field = $("input[type=search]");
    const link = $("a[data-search]");
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (link) {
      event.preventDefault();
      link.click();
    }
  }
});

// Messages: a fault stays until it is closed; the others leave, but not while read or focused.
function watchToast(toast) {
  const close = $("[data-toast-close]", toast);
  close.hidden = false;
  close.addEventListener("click", () => toast.remove());
  if (toast.classList.contains("is-error") || toast.classList.contains("is-warning")) return;
  let timer = setTimeout(() => toast.remove(), TOAST_MS);
  const hold = () => clearTimeout(timer);
  const release = () => {
    hold();
    timer = setTimeout(() => toast.remove(), TOAST_MS);
  };
  toast.addEventListener("mouseenter", hold);
  toast.addEventListener("mouseleave", release);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", release);
}

// Show a message: kind is success, info, warning or error. Returns the element.
export function toast(text, kind = "info") {
  const box = document.createElement("div");
  box.className = `z-toast is-${kind}`;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "z-toast-close";
  close.dataset.toastClose = "";
  close.setAttribute("aria-label", "Tutup");
  close.textContent = "×";
  box.append(words, close);
  $("#pesan").append(box);
  watchToast(box);
  return box;
}

// Grave acts: <form data-confirm="text" data-confirm-title="…" data-confirm-yes="…" [data-confirm-danger]>
// or the same attributes on the button that sends the form.
export function ask({ title, text, yes, danger }) {
  const dialog = $("#tanya");
  $("#tanya-judul").textContent = title;
  $("#tanya-isi").textContent = text;
  const button = $("[data-dialog-yes]", dialog);
  button.textContent = yes;
  button.className = `btn ${danger ? "btn-danger" : "btn-primary"}`;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ya"), { once: true });
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const asker = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!asker.dataset?.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  const agreed = await ask({
    title: asker.dataset.confirmTitle ?? "Lanjutkan?",
    text: asker.dataset.confirm,
    yes: asker.dataset.confirmYes ?? "Lanjutkan",
    danger: "confirmDanger" in asker.dataset,
  });
  if (!agreed) return;
  form.dataset.confirmed = "1";
  form.requestSubmit(event.submitter);
  delete form.dataset.confirmed;
});

// A form that is sent twice makes two of something: its button rests while it is on the way.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "get") return;
  const button = event.submitter;
  if (!button || event.target.hasAttribute("data-again")) return;
  setTimeout(() => {
    button.disabled = true;
    setTimeout(() => (button.disabled = false), 5000);
  });
});

// The look: shown at once, kept by the server.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches?.("[data-theme-form]") || !event.submitter) return;
  event.preventDefault();
  const choice = event.submitter.value;
  if (choice) document.documentElement.dataset.bsTheme = choice;
  else delete document.documentElement.dataset.bsTheme;
  for (const button of $$("button[name=theme]", form)) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
    button.disabled = false;
  }
  const body = new FormData(form, event.submitter);
  try {
    const reply = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (reply.status >= 400) throw new Error(String(reply.status));
  } catch {
    toast("Tampilan berubah di sini saja; pilihan belum tersimpan.", "warning");
  }
});

// Filters send themselves when a choice changes: <form data-auto>.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form && event.target.matches("select, input[type=checkbox], input[type=radio]")) {
    form.requestSubmit();
  }
});

// "Pilih semua": <input type=checkbox data-all="name"> moves all boxes of that name.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.all;
  if (!name) return;
  for (const box of $$(`input[type=checkbox][name="${CSS.escape(name)}"]`)) {
    if (!box.disabled) box.checked = event.target.checked;
  }
});

// Fields that matter only for some choice: <div data-when="field-id" data-is="a b">.
function showWhen() {
  for (const part of $$("[data-when]")) {
    const control = document.getElementById(part.dataset.when);
    if (control) part.hidden = !part.dataset.is.split(" ").includes(control.value);
  }
}

// Text to take along: <button data-copy="element-id">.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    toast("Disalin.", "success");
  } catch {
    toast("Peramban tidak mengizinkan menyalin. Pilih teksnya, lalu salin sendiri.", "warning");
  }
});

function start() {
  for (const part of $$("[data-needs-script]")) part.hidden = false;
  for (const box of $$("[data-show-password]")) {
    box.addEventListener("change", () => {
      document.getElementById(box.dataset.showPassword).type = box.checked ? "text" : "password";
    });
  }
  for (const one of $$("[data-toast]")) watchToast(one);
  $("[aria-invalid=true], .is-invalid")?.focus();
  showWhen();
  document.addEventListener("change", showWhen);
}

start();
