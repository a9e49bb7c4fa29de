// Signing in again without leaving the page: the house's own login form in a dialog, second step
// included. What comes back is read: a form is shown, the answer of `whoami` ends it.

const REASONS = {
  other: (name) => `Anda masuk sebagai ${name}, sedangkan isian di halaman ini milik orang lain. Masuklah sebagai pemiliknya, atau muat ulang halaman.`,
};

export class SignIn {
  // dialog: the <dialog>; login, whoami: addresses; user: whose page this is.
  constructor({ dialog, login, whoami, user, done }) {
    this.dialog = dialog;
    this.body = dialog.querySelector("[data-login-body]");
    this.say = dialog.querySelector("[data-login-say]");
    this.login = login;
    this.whoami = whoami;
    this.user = Number(user);
    this.done = done;
    dialog.addEventListener("submit", (event) => this.#submit(event));
  }

  async open() {
    if (this.dialog.open) return;
    this.focusBack = document.activeElement;
    this.body.textContent = "";
    this.dialog.showModal();
    try {
      const address = `${this.login}?next=${encodeURIComponent(this.whoami)}`;
      await this.#show(await fetch(address, { credentials: "same-origin" }));
    } catch {
      this.say.textContent = "Halaman masuk belum dapat dimuat. Isian Anda tetap aman di perangkat ini.";
      this.#offerRetry();
    }
  }

  #offerRetry() {
    const again = document.createElement("button");
    again.type = "button";
    again.className = "btn btn-quiet";
    again.textContent = "Coba lagi";
    again.addEventListener("click", () => {
      this.dialog.close();
      this.open();
    });
    this.body.replaceChildren(again);
  }

  async #submit(event) {
    event.preventDefault();
    const form = event.target;
    const body = new FormData(form, event.submitter);
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      await this.#show(await fetch(form.action, { method: "POST", body, credentials: "same-origin" }));
    } catch {
      this.say.textContent = "Tidak ada jaringan. Coba lagi sebentar lagi.";
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  }

  async #show(reply) {
    if (reply.headers.get("Content-Type")?.includes("application/json")) {
      const who = await reply.json();
      if (who.user === this.user) {
        this.dialog.close();
        this.done();
        this.focusBack?.focus?.();
      } else if (who.user) {
        this.say.textContent = REASONS.other(who.name);
        this.body.textContent = "";
      }
      return;
    }
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const form = [...page.querySelectorAll("main form[method=post], form[method=post]")].find((one) =>
      one.querySelector("input[type=password], input[autocomplete=one-time-code], input[name=code]"),
    );
    if (!form) throw new Error("no form");
    form.action = new URL(form.getAttribute("action") || reply.url, reply.url).href;
    for (const link of form.querySelectorAll("a")) link.target = "_blank";
    for (const part of form.querySelectorAll("[data-needs-script]")) part.remove();
    this.body.replaceChildren(document.adoptNode(form));
    form.querySelector(".is-invalid, [aria-invalid=true], input:not([type=hidden])")?.focus();
  }
}
