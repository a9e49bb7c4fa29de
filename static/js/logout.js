// Who logs out is told of entries that never reached the server; if he goes, they are removed.
import { ask } from "./ui.js";

function kept(storage, prefix) {
  try {
    return Object.keys(window[storage]).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

// In the capture phase: before anything else believes that the form is on its way.
const listen = (act) => document.addEventListener("submit", act, { capture: true });

listen(async (event) => {
  const form = event.target;
  const { user } = document.body.dataset;
  if (!form.matches?.("[data-logout]") || !user || form.dataset.asked) return;
  const keys = kept("localStorage", `zona.save.${user}.`);
  const drafts = kept("sessionStorage", `zona-comment:${user}:`);
  const count = keys.length + drafts.length;
  if (!count) return;
  event.preventDefault();
  const agreed = await ask({
    title: `${count} isian belum terkirim`,
    text: "Isian itu hanya ada di perangkat ini dan dihapus bila Anda keluar sekarang. Pilih Batal untuk menunggu jaringan.",
    yes: "Hapus isian dan keluar",
    danger: true,
  });
  if (!agreed) return;
  for (const key of keys) localStorage.removeItem(key);
  for (const key of drafts) sessionStorage.removeItem(key);
  form.dataset.asked = "1";
  form.requestSubmit();
});
