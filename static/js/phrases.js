// Phrases (and the plan) beside the row in work, loaded when they are opened;
// one tap puts a sentence into the condition, as if it were typed.
import { toast } from "./ui.js";

const root = document.querySelector("[data-worksheet]");
const info = document.querySelector("[data-info]");

info.addEventListener(
  "toggle",
  async (event) => {
    const phrases = event.target.closest?.("[data-phrases], [data-plan]");
    if (!phrases?.open || phrases.dataset.filled) return;
    phrases.dataset.filled = "1";
    try {
      const reply = await fetch(phrases.dataset.phrases ?? phrases.dataset.plan, {
        credentials: "same-origin",
        headers: { "X-Zona-Part": "1" },
      });
      if (!reply.ok || reply.redirected) throw new Error(String(reply.status));
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      phrases.querySelector("[data-phrases-body]").replaceChildren(...page.body.childNodes);
      if (phrases.contains(document.activeElement)) phrases.querySelector("button")?.focus();
    } catch {
      delete phrases.dataset.filled;
      phrases.open = false;
      toast("Bagian ini belum dapat dibuka. Periksa jaringan, lalu coba lagi.", "warning");
    }
  },
  true,
);

// The field takes the sentence at its cursor; the first part in brackets is selected to be typed.
info.addEventListener("click", (event) => {
  const button = event.target.closest("[data-phrase]");
  if (!button) return;
  const field = root.querySelector(".z-item.is-on textarea[name=condition]");
  if (!field) return;
  const text = button.dataset.phrase;
  const at = field.selectionStart;
  const before = at > 0 && !/\s$/.test(field.value.slice(0, at)) ? " " : "";
  field.setRangeText(before + text, at, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
  const gap = /\[[^\]\n]*\]/.exec(text);
  if (gap) {
    const start = at + before.length + gap.index;
    field.setSelectionRange(start, start + gap[0].length);
  }
});
