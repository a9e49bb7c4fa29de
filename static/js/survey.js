// Keeps what was filled in on this device when the page is left, as the button "Simpan" does.
const form = document.querySelector("form[data-draft]");
let touched = false;
let sending = false;

if (form) {
  form.addEventListener("input", () => { touched = true; });
  form.addEventListener("submit", () => { sending = true; });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden" || !touched || sending) return;
    const data = new FormData(form);
    data.set("simpan", "1");
    navigator.sendBeacon(form.action, data);
    touched = false;
  });
}
