// Evidence beside a row: judging, uploading with progress and retry, links, the unit's library.
// Every act is a form of the page; here it is sent without leaving it.
import { toast } from "./ui.js";

// The token of today: the one in an old form may be from before somebody signed in again.
export function token() {
  const found = document.cookie.split("; ").find((part) => part.startsWith("zona_csrf="));
  return decodeURIComponent((found ?? "").slice("zona_csrf=".length));
}

function fresh(form, submitter) {
  const body = new FormData(form, submitter);
  body.set("csrfmiddlewaretoken", token());
  return body;
}

export class EvidencePane {
  // pane: the element that holds the detail. took(reply): a row came back. login(): no session.
  constructor({ pane, took, login }) {
    this.pane = pane;
    this.took = took;
    this.login = login;
    // The lines of uploads outlive the pane, which is drawn anew whenever a row comes back.
    this.lists = new Map();
    pane.addEventListener("change", (event) => this.#changed(event));
    pane.addEventListener("submit", (event) => this.#submitted(event));
    pane.addEventListener("toggle", (event) => this.#toggled(event), true);
    for (const name of ["dragover", "dragleave", "drop"]) {
      pane.addEventListener(name, (event) => this.#dragged(event));
    }
  }

  async send(form, body = fresh(form)) {
    let reply;
    try {
      reply = await fetch(form.action, {
        method: "POST",
        body,
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
    } catch {
      toast("Tidak ada jaringan; bukti belum berubah. Coba lagi setelah tersambung.", "warning");
      return false;
    }
    return this.#taken(reply.status, await reply.json().catch(() => ({})));
  }

  #taken(status, facts) {
    if (status === 200) {
      this.took(facts);
      if (facts.message) toast(facts.message, "success");
      return true;
    }
    if (status === 401) this.login();
    else toast(facts.message ?? "Belum tersimpan. Muat ulang halaman, lalu coba lagi.", "error");
    return false;
  }

  async #changed(event) {
    const judge = event.target.closest("form[data-judge]");
    if (judge) {
      const verdict = new FormData(judge).get("verdict");
      const why = judge.querySelector(".z-ev-reason");
      const reason = why.querySelector("select");
      why.toggleAttribute("data-hide", verdict !== "inadequate");
      if (verdict === "inadequate" && !reason.value) {
        reason.focus();
        return;
      }
      await this.send(judge);
      return;
    }
    const upload = event.target.closest("form[data-upload]");
    if (upload && event.target.type === "file") this.#upload(upload, [...event.target.files]);
  }

  async #submitted(event) {
    const form = event.target;
    if (form.matches("[data-pick-search]")) {
      event.preventDefault();
      const address = `${form.getAttribute("action")}?q=${encodeURIComponent(form.elements.q.value)}`;
      await this.#fill(form.closest("[data-picker-body]"), address, "#cari-bukti");
      return;
    }
    if (!form.matches("[data-judge], [data-detach], [data-pick], [data-link], [data-point], [data-upload]")) return;
    event.preventDefault();
    if (form.matches("[data-upload]")) {
      this.#upload(form, [...form.elements.files.files]);
      return;
    }
    await this.send(form, fresh(form, event.submitter));
  }

  async #toggled(event) {
    const picker = event.target.closest?.("[data-picker]");
    if (!picker?.open || picker.dataset.filled) return;
    picker.dataset.filled = "1";
    await this.#fill(picker.querySelector("[data-picker-body]"), picker.dataset.picker, "#cari-bukti");
  }

  async #fill(place, address, focus) {
    try {
      const reply = await fetch(address, { credentials: "same-origin", headers: { "X-Zona-Part": "1" } });
      if (!reply.ok || reply.redirected) throw new Error(String(reply.status));
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      place.replaceChildren(...page.body.childNodes);
      place.querySelector(focus)?.focus();
    } catch {
      toast("Pustaka bukti belum dapat dibuka. Periksa jaringan, lalu coba lagi.", "warning");
    }
  }

  #dragged(event) {
    const zone = event.target.closest?.("[data-drop-zone]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("is-over", event.type === "dragover");
    if (event.type === "drop" && event.dataTransfer.files.length) {
      this.#upload(zone.closest("form"), [...event.dataTransfer.files]);
    }
  }

  // One request per file, one after the other: each has its own progress and its own fault.
  async #upload(form, files) {
    const address = form.action;
    form.elements.files.value = "";
    const lines = files.map((file) => ({ file, ...this.#line(address, file) }));
    this.showUploads();
    for (const one of lines) await this.#one(address, one.file, one);
  }

  // Put the lines of the row that is shown into its pane.
  showUploads() {
    for (const form of this.pane.querySelectorAll("form[data-upload]")) {
      const list = this.lists.get(form.action);
      if (list) form.querySelector("[data-uploads]")?.replaceWith(list);
    }
  }

  #line(address, file) {
    if (!this.lists.has(address)) {
      const list = document.createElement("ul");
      list.className = "z-list z-uploads";
      list.dataset.uploads = "";
      list.setAttribute("aria-live", "polite");
      this.lists.set(address, list);
    }
    const line = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = file.name;
    const state = document.createElement("b");
    state.textContent = "0%";
    const bar = document.createElement("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", `Mengunggah ${file.name}`);
    line.append(name, state, bar);
    this.lists.get(address).append(line);
    return { line, state, bar };
  }

  #one(address, file, { line, state, bar }) {
    return new Promise((resolve) => {
      const body = new FormData();
      body.set("csrfmiddlewaretoken", token());
      body.set("how", "upload");
      body.append("files", file);
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("Accept", "application/json");
      request.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        bar.value = (event.loaded / event.total) * 100;
        state.textContent = `${Math.round(bar.value)}%`;
      });
      const fail = (text) => {
        bar.remove();
        state.textContent = text;
        const again = document.createElement("button");
        again.type = "button";
        again.className = "btn btn-sm btn-plain";
        again.textContent = "Coba lagi";
        again.addEventListener("click", () => {
          line.remove();
          this.#one(address, file, this.#line(address, file));
        });
        line.append(again);
        resolve();
      };
      request.addEventListener("load", () => {
        let facts = {};
        try {
          facts = JSON.parse(request.responseText);
        } catch {
          // An error page: the status says enough.
        }
        if (request.status === 200) {
          line.remove();
          this.#taken(200, facts);
          resolve();
        } else if (request.status === 401) {
          this.login();
          fail("Perlu masuk lagi");
        } else if (request.status === 413) fail("Berkas terlalu besar");
        else fail(facts.message ?? "Gagal");
      });
      request.addEventListener("error", () => fail("Tidak ada jaringan"));
      request.send(body);
    });
  }
}
