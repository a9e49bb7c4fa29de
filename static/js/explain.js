// "Dari mana angka ini?": a figure's link opens its explanation in a dialog; without this file
// the link leads to a page of its own. Also the print button, which needs a script.

const dialog = document.getElementById("asal");
const body = dialog?.querySelector("[data-explain-body]");

async function show(address) {
  const reply = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!reply.ok || reply.redirected) throw new Error(String(reply.status));
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  body.replaceChildren(...page.body.childNodes);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-explain]");
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (!link || !dialog || !plain) return;
  event.preventDefault();
  try {
    await show(link.href);
  } catch {
    location.assign(link.href);
  }
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
