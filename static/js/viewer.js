// The pages of the row's documents: beside the row on a desk, a sheet over everything on a phone.
// Without this file a document's name leads to a page of its own.
import { token } from "./evidence.js";

const POLL_MS = 700;
const POLLS = 130;
const SETTLE_MS = 250;

const $ = (selector, root) => root.querySelector(selector);
const $$ = (selector, root) => [...root.querySelectorAll(selector)];

export class Viewer {
  // dialog: the frame. pane: where the row's evidence stands. frame: what makes room for it.
  // narrow: a media query; where it matches the viewer covers the page.
  constructor({ dialog, pane, frame, narrow, login }) {
    Object.assign(this, { dialog, pane, frame, narrow, login });
    this.body = $("[data-viewer-body]", dialog);
    this.at = 0;
    this.page = 1;
    this.asked = 0;
    this.code = "";
    this.twins = "";
    this.still = 0;
    this.body.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    pane.addEventListener("click", (event) => this.#clicked(event));
    dialog.addEventListener("click", (event) => this.#pressed(event));
    dialog.addEventListener("close", () => this.#closed());
    // After the pane itself has found its new place: a frame that moves leaves the top layer.
    narrow.addEventListener("change", () => setTimeout(() => this.isOpen && this.#place()));
  }

  get isOpen() {
    return this.dialog.open;
  }

  get pieces() {
    return $$(".z-ev[data-piece]", this.pane);
  }

  open(index = 0) {
    if (!this.pieces.length) return false;
    if (!this.isOpen) {
      this.back = document.activeElement;
      this.frame.classList.add("has-viewer");
      this.#place();
    }
    this.show(index);
    this.body.focus({ preventScroll: true });
    return true;
  }

  close() {
    this.dialog.close();
  }

  // The row's evidence was drawn anew, perhaps that of another row.
  redraw() {
    if (!this.isOpen) return;
    const code = $("[data-detail]", this.pane)?.dataset.detail ?? "";
    const index = this.pieces.findIndex((piece) => piece.dataset.piece === this.piece);
    if (code === this.code && index >= 0) {
      this.at = index;
      this.#say();
      this.#judge();
    } else if (this.pieces.length) this.show(0);
    else {
      this.code = code;
      this.piece = "";
      this.#empty();
    }
  }

  // Returns whether the key was the viewer's.
  key(event, letters) {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.key === "Escape") this.close();
    else if (!plain || event.target.closest("input, select, textarea")) return false;
    else if (letters && event.key.toLowerCase() === "j") this.#doc(1);
    else if (letters && event.key.toLowerCase() === "k") this.#doc(-1);
    else if (letters && event.key.toLowerCase() === "z") this.#zoom();
    else if (event.key === "ArrowRight" && !this.#scrollsSideways()) this.#turn(1);
    else if (event.key === "ArrowLeft" && !this.#scrollsSideways()) this.#turn(-1);
    else return false;
    return true;
  }

  show(index) {
    const pieces = this.pieces;
    this.at = Math.min(Math.max(index, 0), pieces.length - 1);
    this.code = $("[data-detail]", this.pane)?.dataset.detail ?? "";
    this.piece = pieces[this.at].dataset.piece;
    this.twins = "";
    this.#say();
    this.#judge();
    this.#fill(pieces[this.at]);
  }

  #place() {
    if (this.dialog.open) this.dialog.close("moved");
    if (this.narrow.matches) this.dialog.showModal();
    else this.dialog.show();
    this.frame.classList.add("has-viewer");
  }

  #closed() {
    if (this.dialog.returnValue === "moved") {
      this.dialog.returnValue = "";
      return;
    }
    this.asked += 1;
    this.frame.classList.remove("has-viewer");
    if (this.back?.isConnected && this.back !== document.body) this.back.focus();
    else $(`#${CSS.escape(this.pieces[this.at]?.id ?? "bukti")} a`, this.pane)?.focus();
  }

  #clicked(event) {
    const link = event.target.closest("a[data-view]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.open(this.pieces.indexOf(link.closest(".z-ev")));
  }

  #pressed(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-viewer-close]")) this.close();
    else if (button.dataset.viewerDoc) this.#doc(Number(button.dataset.viewerDoc));
    else if (button.dataset.viewerPage) this.#turn(Number(button.dataset.viewerPage));
    else if (button.matches("[data-viewer-zoom]")) this.#zoom();
    else if (button.matches("[data-viewer-again]")) this.#fill(this.pieces[this.at], true);
  }

  #doc(step) {
    const to = this.at + step;
    if (to >= 0 && to < this.pieces.length) this.show(to);
  }

  #turn(step) {
    const pages = $$("figure", this.body);
    if (!pages.length) return;
    this.page = Math.min(Math.max(this.page + step, 1), pages.length);
    this.#number();
    // The last pages may be too short to come to the top: what was aimed at counts.
    this.still = performance.now() + SETTLE_MS;
    const to = pages[this.page - 1];
    this.body.scrollTo({ top: to.offsetTop - pages[0].offsetTop });
  }

  #zoom() {
    const full = this.body.classList.toggle("is-full");
    $("[data-viewer-zoom]", this.dialog).setAttribute("aria-pressed", String(full));
    this.#turn(0);
  }

  #scrollsSideways() {
    return this.body.scrollWidth > this.body.clientWidth + 1;
  }

  #say() {
    const piece = this.pieces[this.at];
    const set = (name, text) => {
      const place = $(`[data-viewer-${name}]`, this.dialog);
      if (place.textContent !== text) place.textContent = text;
    };
    set("title", piece.dataset.title);
    set("meta", $("[data-said]", piece)?.textContent.trim() ?? "");
    set("place", `Dokumen ${this.at + 1} dari ${this.pieces.length}`);
    $('[data-viewer-doc="-1"]', this.dialog).disabled = this.at === 0;
    $('[data-viewer-doc="1"]', this.dialog).disabled = this.at === this.pieces.length - 1;
    const notes = $$("[data-outside], [data-quote]", piece).map((note) => note.cloneNode(true));
    $("[data-viewer-notes]", this.dialog).replaceChildren(...notes);
    this.#note(this.twins);
    const open = $("[data-viewer-open]", this.dialog);
    open.hidden = false;
    open.href = piece.dataset.original;
    const link = "link" in piece.dataset;
    open.toggleAttribute("target", link);
    if (link) {
      open.target = "_blank";
      open.rel = "noreferrer noopener";
    }
    set("open-label", link ? "Buka di tab baru" : "Unduh");
  }

  // The verdict stands beside the pages too: a copy of the form that the pane holds.
  #judge() {
    const place = $("[data-viewer-judge]", this.dialog);
    const form = $("form[data-judge]", this.pieces[this.at]);
    const held = place.contains(document.activeElement) ? document.activeElement.value : "";
    place.replaceChildren(...(form ? [form.cloneNode(true)] : []));
    if (held) $(`[value="${CSS.escape(held)}"]`, place)?.focus();
  }

  async #fill(piece, again = false) {
    this.asked += 1;
    const mine = this.asked;
    this.#message("Menyiapkan halaman…");
    try {
      let facts = await this.#ask(piece, again ? "POST" : "GET");
      if (mine === this.asked && facts.state === "missing") facts = await this.#ask(piece, "POST");
      for (let count = 0; facts.state === "making" && count < POLLS; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        if (mine !== this.asked) return;
        facts = await this.#ask(piece, "GET");
      }
      if (mine !== this.asked) return;
      this.twins = facts.twins ?? "";
      this.#note(this.twins);
      if (facts.state === "ready") {
        this.#draw(piece, facts);
        this.#prepareNext();
      } else if (facts.state === "none") this.#message(facts.message);
      else this.#message(facts.message || "Halaman belum jadi.", true);
    } catch (fault) {
      if (mine !== this.asked) return;
      if (fault.message === "401") this.login();
      this.#message("Halaman belum dapat dimuat. Periksa jaringan, lalu coba lagi.", true);
    }
  }

  async #ask(piece, method) {
    const headers = { Accept: "application/json", "X-Zona-Background": "1" };
    if (method === "POST") headers["X-CSRFToken"] = token();
    const reply = await fetch(piece.dataset.preview, { method, headers, credentials: "same-origin" });
    if (!reply.ok) throw new Error(String(reply.status));
    return reply.json();
  }

  #note(text) {
    if (!text) return;
    const note = document.createElement("small");
    note.className = "z-say is-warn";
    note.textContent = text;
    $("[data-viewer-notes]", this.dialog).append(note);
  }

  // The next document is made ready while this one is read.
  #prepareNext() {
    const next = this.pieces[this.at + 1];
    if (!next || "link" in next.dataset || next.dataset.prepared) return;
    next.dataset.prepared = "1";
    this.#ask(next, "POST").catch(() => delete next.dataset.prepared);
  }

  #draw(piece, facts) {
    const figures = facts.pages.map((page) => {
      const figure = document.createElement("figure");
      const image = document.createElement("img");
      Object.assign(image, { loading: "lazy", width: page.width, height: page.height });
      image.alt = `Halaman ${page.n} dari ${facts.page_count}: ${piece.dataset.title}`;
      image.src = page.url;
      const caption = document.createElement("figcaption");
      caption.textContent = `Halaman ${page.n} dari ${facts.page_count}`;
      image.addEventListener("error", () => {
        caption.textContent = `Halaman ${page.n} belum dapat dimuat. Periksa jaringan, lalu buka lagi dokumen ini.`;
      });
      figure.append(image, caption);
      return figure;
    });
    this.total = facts.page_count;
    this.body.replaceChildren(...figures);
    if (facts.message) {
      const note = document.createElement("p");
      note.className = "z-viewer-say";
      note.textContent = facts.message;
      this.body.append(note);
    }
    this.#paging(true);
    const wanted = Number(/\d+/.exec(piece.dataset.page ?? "")?.[0] ?? 1);
    this.page = Math.min(Math.max(wanted, 1), figures.length);
    this.#turn(0);
  }

  #scrolled() {
    if (performance.now() < this.still) return;
    const middle = this.body.getBoundingClientRect().top + this.body.clientHeight / 2;
    const pages = $$("figure", this.body);
    const at = pages.findIndex((page) => page.getBoundingClientRect().bottom > middle);
    if (at >= 0 && at + 1 !== this.page) {
      this.page = at + 1;
      this.#number();
    }
  }

  #number() {
    $("[data-viewer-at]", this.dialog).textContent = `Hlm. ${this.page} dari ${this.total}`;
  }

  #paging(shown) {
    $("[data-viewer-paging]", this.dialog).hidden = !shown;
    $("[data-viewer-zoom]", this.dialog).hidden = !shown;
  }

  #message(text, again = false) {
    this.body.replaceChildren();
    this.#paging(false);
    const say = document.createElement("p");
    say.className = "z-viewer-say";
    say.setAttribute("role", "status");
    say.textContent = text;
    if (again) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm btn-quiet";
      button.dataset.viewerAgain = "";
      button.textContent = "Coba lagi";
      say.append(document.createElement("br"), button);
    }
    this.body.append(say);
  }

  #empty() {
    this.asked += 1;
    $("[data-viewer-title]", this.dialog).textContent = "Belum ada bukti";
    for (const name of ["meta", "place"]) $(`[data-viewer-${name}]`, this.dialog).textContent = "";
    for (const button of $$("[data-viewer-doc]", this.dialog)) button.disabled = true;
    $("[data-viewer-open]", this.dialog).hidden = true;
    for (const name of ["judge", "notes"]) $(`[data-viewer-${name}]`, this.dialog).replaceChildren();
    this.#message("Belum ada bukti pada butir ini.");
  }
}
