// The save queue: what is typed is kept on this device at once and sent when there is a way.
//
// An entry is one row of one track of one worksheet of one user:
//   {user, assessment, code, track, url, changes, held, base, base_version, sent, conflict,
//    refused, at}
// `changes` is what has not been sent yet; the newest value of a field wins. `held` names fields
// among them that are not complete (counts that belong together). `sent` is the request that is on
// its way or whose reply never came: it keeps its key, so that a lost reply is given again and
// nothing is written twice. One request at a time, one sending tab per browser: each reply brings
// the worksheet's figures, and replies that overtake each other would leave older ones on the page.
//
// The queue knows nothing of pages: it tells what happens by events ("state", "saved", "login",
// "storage", "page") and is told what was typed by `put`.

const PREFIX = "zona.save.";
const LEASE = "zona.save-lease";
const REST_MS = 800;
const LEASE_MS = 6000;
const RETRY_MS = [2000, 4000, 8000, 15000, 30000, 60000];
const REPLY_MS = 30000;

export const STATES = ["saved", "waiting", "saving", "offline", "login", "conflict", "failed", "held"];

export function entryKey({ user, assessment, track, code }) {
  return `${PREFIX}${user}.${assessment}.${track}.${code}`;
}

function same(one, other) {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

// The fields of an entry that may go.
function sendable(entry) {
  return Object.keys(entry.changes).filter((name) => !entry.held.includes(name));
}

// A random UUID, also where the page came over plain http and randomUUID is missing.
function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function readCookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

// Where entries live. When the device refuses (full, switched off), they stay in memory and the
// queue says so: then, and only then, closing the page would lose something.
class Store {
  constructor(storage) {
    this.storage = storage;
    this.memory = new Map();
  }

  get volatile() {
    return this.memory.size > 0;
  }

  read(key) {
    if (this.memory.has(key)) return structuredClone(this.memory.get(key));
    try {
      const text = this.storage?.getItem(key);
      return text ? JSON.parse(text) : null;
    } catch {
      return null;
    }
  }

  write(key, entry) {
    try {
      if (!this.storage) throw new Error("no storage");
      this.storage.setItem(key, JSON.stringify(entry));
      this.memory.delete(key);
      return true;
    } catch {
      this.memory.set(key, structuredClone(entry));
      return false;
    }
  }

  remove(key) {
    this.memory.delete(key);
    try {
      this.storage?.removeItem(key);
    } catch {
      // Nothing is kept there, then.
    }
  }

  keys(prefix) {
    const found = new Set([...this.memory.keys()].filter((key) => key.startsWith(prefix)));
    try {
      for (let at = 0; at < (this.storage?.length ?? 0); at += 1) {
        const key = this.storage.key(at);
        if (key?.startsWith(prefix)) found.add(key);
      }
    } catch {
      // A storage that cannot be listed holds nothing for us.
    }
    return [...found];
  }
}

function openStorage() {
  try {
    const probe = `${PREFIX}probe`;
    window.localStorage.setItem(probe, "1");
    window.localStorage.removeItem(probe);
    return window.localStorage;
  } catch (error) {
    // A full storage can still be read; a forbidden one cannot.
    return error?.name === "QuotaExceededError" ? window.localStorage : null;
  }
}

export class SaveQueue extends EventTarget {
  // user: id of the person whose page this is. whoami: address that says who is signed in and
  // renews the CSRF cookie. cookie: name of that cookie.
  constructor({ user, whoami, cookie = "zona_csrf", storage = openStorage() }) {
    super();
    this.user = Number(user);
    this.whoami = whoami;
    this.cookie = cookie;
    this.store = new Store(storage);
    this.states = new Map();
    this.timers = new Map();
    this.due = new Set();
    this.sending = false;
    this.tries = 0;
    this.retryTimer = 0;
    this.blocked = "";
    this.isSender = false;
    this.tab = uuid();
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel("zona-save") : null;
  }

  // Start sending: what an earlier page left behind goes first.
  start() {
    this.channel?.addEventListener("message", (event) => this.#heard(event.data));
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("offline", () => this.#announceAll());
    window.addEventListener("storage", (event) => {
      if (event.key?.startsWith(this.#prefix)) this.#storageChanged(event.key);
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.store.volatile) event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.flushAll();
      else {
        this.channel?.postMessage({ kind: "wanted", tab: this.tab });
        this.retryNow();
      }
    });
    for (const entry of this.entries()) this.#settleState(entry);
    this.#becomeSender();
    this.#announce();
  }

  get #prefix() {
    return `${PREFIX}${this.user}.`;
  }

  // All entries of this user, of whatever worksheet.
  entries() {
    return this.store
      .keys(this.#prefix)
      .map((key) => this.store.read(key))
      .filter((entry) => entry && entry.user === this.user);
  }

  entry(row) {
    return this.store.read(entryKey({ ...row, user: this.user }));
  }

  // How many entries are not on the server yet.
  get pending() {
    return this.entries().length;
  }

  // Take what was typed. row: {assessment, track, code, url}. field, value: what it holds now.
  // base: what the server's row holds in that field, version: the row's version.
  // held: keep it here, it is not complete (counts that belong together).
  put(row, field, value, { base, version, held = false, now = false }) {
    const key = entryKey({ ...row, user: this.user });
    const entry = this.store.read(key) ?? {
      user: this.user,
      assessment: row.assessment,
      code: row.code,
      track: row.track,
      url: row.url,
      changes: {},
      held: [],
      base: {},
      base_version: version,
      sent: null,
      conflict: null,
      refused: null,
    };
    const before = entry.sent && field in entry.sent.changes ? entry.sent.changes[field] : base;
    if (!(field in entry.base)) entry.base[field] = before;
    entry.changes[field] = value;
    entry.refused = null;
    entry.held = entry.held.filter((name) => name !== field);
    if (held) entry.held.push(field);
    entry.at = new Date().toISOString();
    if (same(value, entry.base[field]) && !entry.conflict) {
      delete entry.changes[field];
      delete entry.base[field];
      entry.held = entry.held.filter((name) => name !== field);
    }
    if (!Object.keys(entry.changes).length && !entry.sent && !entry.conflict) {
      this.#drop(key);
      this.#setState(key, entry, "saved");
      return;
    }
    this.#keep(key, entry);
    if (entry.conflict) return;
    this.#setState(key, entry, this.#restState(entry));
    if (!held) this.#schedule(key, now ? 0 : REST_MS);
  }

  // What an entry is called while nothing is on its way.
  #restState(entry) {
    if (entry.conflict) return "conflict";
    if (entry.refused) return "failed";
    if (!sendable(entry).length && !entry.sent) return "held";
    if (this.blocked) return "login";
    return navigator.onLine === false ? "offline" : "waiting";
  }

  // The field was left: send without waiting.
  flush(row) {
    const key = entryKey({ ...row, user: this.user });
    if (this.timers.has(key)) this.#schedule(key, 0);
  }

  flushAll() {
    for (const key of [...this.timers.keys()]) this.#schedule(key, 0);
  }

  // Wait until nothing of this row is on its way; false when it could not be saved.
  async settled(row, limit = 8000) {
    const key = entryKey({ ...row, user: this.user });
    this.flush(row);
    const until = Date.now() + limit;
    while (Date.now() < until) {
      const entry = this.store.read(key);
      if (!entry) return true;
      if (["offline", "conflict", "failed", "login", "held"].includes(this.states.get(key)?.state)) return false;
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    return false;
  }

  // Settle a conflict. choice: {field: value} for what shall be sent, null for "keep theirs".
  resolve(row, choice) {
    const key = entryKey({ ...row, user: this.user });
    const entry = this.store.read(key);
    if (!entry?.conflict) return;
    for (const [field, facts] of Object.entries(entry.conflict.fields)) {
      if (!(field in choice)) continue;
      if (choice[field] === null) {
        delete entry.changes[field];
        delete entry.base[field];
      } else {
        entry.changes[field] = choice[field];
        entry.base[field] = facts.theirs;
      }
      delete entry.conflict.fields[field];
    }
    entry.base_version = entry.conflict.version;
    if (!Object.keys(entry.conflict.fields).length) entry.conflict = null;
    if (!Object.keys(entry.changes).length && !entry.conflict) {
      this.#drop(key);
      this.#setState(key, entry, "saved");
      return;
    }
    this.#keep(key, entry);
    if (entry.conflict) return;
    this.#setState(key, entry, this.#restState(entry));
    this.#schedule(key, 0);
  }

  // Give up what could not be stored.
  discard(row) {
    const key = entryKey({ ...row, user: this.user });
    const entry = this.store.read(key);
    if (!entry) return;
    this.#drop(key);
    this.#setState(key, entry, "saved");
  }

  // Forget everything of this user on this device (after he was asked, at log-out).
  clear() {
    for (const key of this.store.keys(this.#prefix)) this.store.remove(key);
    this.states.clear();
    this.#announce();
  }

  // Signed in again: go on.
  resume() {
    this.blocked = "";
    this.retryNow();
  }

  retryNow() {
    clearTimeout(this.retryTimer);
    this.retryTimer = 0;
    this.tries = 0;
    this.#sendAll();
  }

  // Who sends -------------------------------------------------------------------------------

  #becomeSender() {
    if (navigator.locks) {
      navigator.locks.request("zona-save", () => this.#holdLock()).catch(() => this.#lease());
    } else {
      this.#lease();
    }
  }

  #holdLock() {
    this.isSender = true;
    this.#sendAll();
    return new Promise((resolve) => {
      this.release = () => {
        this.isSender = false;
        this.release = null;
        resolve();
        // Queue up again behind the tab that asked.
        setTimeout(() => this.#becomeSender(), 50);
      };
    });
  }

  // Without locks: a lease in the storage, renewed while the page lives.
  #lease() {
    const renew = () => {
      const held = this.store.read(LEASE);
      const now = Date.now();
      if (!held || held.tab === this.tab || held.until < now) {
        this.store.write(LEASE, { tab: this.tab, until: now + LEASE_MS });
        if (!this.isSender) {
          this.isSender = true;
          this.#sendAll();
        }
      } else {
        this.isSender = false;
      }
    };
    renew();
    this.leaseTimer = setInterval(renew, LEASE_MS / 3);
    window.addEventListener("pagehide", () => {
      if (this.store.read(LEASE)?.tab === this.tab) this.store.remove(LEASE);
    });
  }

  #heard(message) {
    if (message.kind === "wanted" && message.tab !== this.tab && this.release) {
      if (document.visibilityState === "hidden" && !this.sending) this.release();
    }
    if (message.kind === "state" && message.user === this.user) {
      this.states.set(message.key, message.detail);
      this.dispatchEvent(new CustomEvent("state", { detail: message.detail }));
      this.#announce();
    }
    if (message.kind === "saved" && message.user === this.user) {
      this.dispatchEvent(new CustomEvent("saved", { detail: message.detail }));
    }
    if (message.kind === "resume" && message.user === this.user) {
      this.blocked = "";
      this.#sendAll();
    }
  }

  #storageChanged(key) {
    const entry = this.store.read(key);
    if (entry && this.isSender && !entry.conflict) this.#schedule(key, REST_MS);
    if (!entry) this.states.delete(key);
    this.#announce();
  }

  // Sending ---------------------------------------------------------------------------------

  #schedule(key, delay) {
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => {
        this.timers.delete(key);
        this.#send(key);
      }, delay),
    );
  }

  #sendAll() {
    if (!this.isSender) return;
    for (const key of this.store.keys(this.#prefix)) {
      if (!this.timers.has(key)) this.#send(key);
    }
  }

  // A row is due; it goes when the requests before it are answered.
  async #send(key) {
    if (!this.isSender || this.blocked) return;
    this.due.add(key);
    if (this.sending) return;
    this.sending = true;
    try {
      for (const next of this.due) {
        this.due.delete(next);
        await this.#sendOne(next);
      }
    } finally {
      this.sending = false;
    }
  }

  async #sendOne(key) {
    if (!this.isSender || this.blocked) return;
    const entry = this.store.read(key);
    if (!entry || entry.conflict || entry.refused) return;
    if (!entry.sent) {
      const fields = sendable(entry);
      if (!fields.length) return;
      const pick = (from) => Object.fromEntries(fields.map((name) => [name, from[name]]));
      entry.sent = {
        key: uuid(),
        changes: pick(entry.changes),
        base: pick(entry.base),
        base_version: entry.base_version,
      };
      for (const name of fields) {
        delete entry.changes[name];
        delete entry.base[name];
      }
      this.#keep(key, entry);
    }
    this.#setState(key, entry, "saving");
    try {
      const reply = await this.#post(entry.url, {
        key: entry.sent.key,
        user: this.user,
        code: entry.code,
        track: entry.track,
        base_version: entry.sent.base_version,
        base: entry.sent.base,
        changes: entry.sent.changes,
      });
      await this.#take(key, reply);
    } catch {
      // No reply: it may have been written or not; the same key will tell.
      this.#setState(key, this.store.read(key) ?? entry, "offline");
      this.#retryLater();
      return;
    }
    const left = this.store.read(key);
    const free = left && !left.sent && !left.conflict && !left.refused && !this.blocked;
    if (free && sendable(left).length && !this.timers.has(key)) this.#schedule(key, 0);
  }

  async #post(url, body) {
    const send = () =>
      fetch(url, {
        method: "POST",
        credentials: "same-origin",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": readCookie(this.cookie),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(REPLY_MS),
      });
    let reply = await send();
    if (reply.status === 403 && (await peek(reply))?.error === "csrf") {
      await fetch(this.whoami, { credentials: "same-origin", headers: { "X-Zona-Background": "1" } });
      reply = await send();
    }
    return reply;
  }

  async #take(key, reply) {
    const facts = (await peek(reply)) ?? {};
    const entry = this.store.read(key);
    if (!entry?.sent) return;
    if (reply.status === 200) {
      this.tries = 0;
      this.#stored(key, entry, facts);
    } else if (reply.status === 409 && facts.conflicts) {
      this.#takeBack(entry);
      entry.conflict = {
        version: facts.conflicts[0].version,
        fields: Object.fromEntries(facts.conflicts.map((item) => [item.field, item])),
      };
      this.#keep(key, entry);
      this.#setState(key, entry, "conflict");
    } else if (reply.status === 401 || facts.error === "user") {
      this.blocked = "login";
      this.#setState(key, entry, "login");
      this.dispatchEvent(new CustomEvent("login", { detail: facts }));
    } else if (reply.status === 429 || reply.status >= 500) {
      this.#setState(key, entry, "offline");
      this.#retryLater();
    } else {
      this.#takeBack(entry);
      entry.refused = {
        status: reply.status,
        message: facts.message ?? (facts.errors ?? []).map((item) => item.message).join(" "),
        fields: facts.errors ?? [],
      };
      this.#keep(key, entry);
      this.#setState(key, entry, "failed");
    }
  }

  #stored(key, entry, facts) {
    const { sent } = entry;
    entry.sent = null;
    const left = Object.keys(entry.changes);
    if (left.length) {
      // Typed meanwhile: a field that was just stored builds on that; the others keep what the
      // writer saw, and after a merge the version he saw too.
      for (const field of left) if (field in sent.changes) entry.base[field] = facts.base[field];
      entry.base_version = facts.merged ? sent.base_version : facts.version;
      this.#keep(key, entry);
    } else {
      this.#drop(key);
    }
    const detail = {
      assessment: entry.assessment,
      code: entry.code,
      track: entry.track,
      reply: facts,
      pending: left,
    };
    this.dispatchEvent(new CustomEvent("saved", { detail }));
    this.channel?.postMessage({ kind: "saved", user: this.user, detail });
    this.#setState(key, entry, left.length ? this.#restState(entry) : "saved", facts.saved_at);
  }

  // Nothing was written: what was sent is unsent again; what was typed meanwhile wins.
  #takeBack(entry) {
    entry.changes = { ...entry.sent.changes, ...entry.changes };
    entry.base = { ...entry.base, ...entry.sent.base };
    entry.base_version = entry.sent.base_version;
    entry.sent = null;
  }

  #retryLater() {
    if (this.retryTimer) return;
    const wait = RETRY_MS[Math.min(this.tries, RETRY_MS.length - 1)];
    this.tries += 1;
    this.retryTimer = setTimeout(() => {
      this.retryTimer = 0;
      this.#sendAll();
    }, wait);
  }

  // Telling ---------------------------------------------------------------------------------

  #keep(key, entry) {
    const wasVolatile = this.store.volatile;
    this.store.write(key, entry);
    if (this.store.volatile !== wasVolatile) this.dispatchEvent(new Event("storage"));
  }

  #drop(key) {
    const wasVolatile = this.store.volatile;
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.store.remove(key);
    if (this.store.volatile !== wasVolatile) this.dispatchEvent(new Event("storage"));
  }

  #settleState(entry) {
    this.#setState(entryKey(entry), entry, this.#restState(entry), null, false);
  }

  #setState(key, entry, state, savedAt = null, tell = true) {
    const detail = {
      assessment: entry.assessment,
      code: entry.code,
      track: entry.track,
      state,
      at: savedAt ?? entry.at ?? null,
      message: entry.refused?.message ?? "",
    };
    if (state === "saved") this.states.delete(key);
    else this.states.set(key, detail);
    this.dispatchEvent(new CustomEvent("state", { detail }));
    if (tell) this.channel?.postMessage({ kind: "state", user: this.user, key, detail });
    this.#announce();
  }

  #announceAll() {
    for (const entry of this.entries()) {
      this.#settleState(entry);
    }
  }

  #announce() {
    const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
    for (const { state } of this.states.values()) counts[state] += 1;
    this.dispatchEvent(new CustomEvent("page", { detail: counts }));
  }
}

async function peek(reply) {
  try {
    return await reply.clone().json();
  } catch {
    return null;
  }
}
