// Compares a file in hand with the digest of the stored document. The file never leaves the
// browser. Needs a secure page (https or localhost); elsewhere the card stays hidden.

const card = document.querySelector("[data-verify]");

if (card && globalThis.crypto?.subtle) {
  const input = card.querySelector("input[type=file]");
  const says = card.querySelector("[role=status]");
  card.hidden = false;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const same = card.dataset.verify.split(" ").includes(hex);
    says.textContent = `${file.name}: ${same ? says.dataset.same : says.dataset.other}`;
    says.className = `z-match z-say ${same ? "is-ok" : "is-bad"}`;
  });
}
