// Makes the pages quicker; everything here also works without it, by forms and
// links. Keys are bound to physical keys, so that the Russian layout works.
"use strict";

(() => {
  const triage = document.querySelector("main.triage");
  const rows = () => [...document.querySelectorAll("#rows > .row")];
  const selected = () => document.querySelector("#rows > .row.selected");
  const preview = document.getElementById("preview");
  let asked = 0;

  // Templates of answers go into the text field.
  document.addEventListener("click", (event) => {
    const template = event.target.closest("[data-template]");
    if (!template) return;
    const field = template.closest("form").querySelector("[data-answer]");
    field.value = template.textContent;
    template.closest("details").open = false;
    field.focus();
  });

  // A form is sent once, however often the button is pressed.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    event.target.dataset.sent = "1";
    if (preview && preview.contains(event.target)) keepPlace(event.target);
  });

  // After a decision the list stands where it stood: at the next incident, or
  // at the same one where it stays in the list.
  function keepPlace(form) {
    const back = form.querySelector("[name=return]");
    const all = rows();
    const at = all.indexOf(selected());
    if (!back || at < 0) return;
    const stays = /\/(correct|not_same|join|split|keep_together)$/.test(form.action);
    const next = stays ? all[at] : all[at + 1] || all[at - 1];
    const path = backPath();
    if (next) back.value = `${path}${path.includes("?") ? "&" : "?"}open=${next.dataset.number}`;
  }
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
  });

  // An interim answer needs its date, a final one has none.
  document.addEventListener("change", (event) => {
    if (event.target.name !== "kind") return;
    const date = event.target.form.querySelector("[name=deferred_until]");
    if (date) date.required = event.target.value === "interim";
  });

  function inField(target) {
    return target.closest && target.closest("input, select, textarea, [contenteditable]");
  }

  function isWide() {
    return preview && getComputedStyle(preview).display !== "none";
  }

  async function select(row) {
    if (!row) return;
    const before = selected();
    if (before) before.classList.remove("selected");
    row.classList.add("selected");
    row.scrollIntoView({ block: "nearest" });
    if (!isWide()) return;
    const mine = ++asked;
    const back = encodeURIComponent(backPath());
    try {
      const answer = await fetch(`/incidents/${row.dataset.number}/preview?back=${back}`);
      if (answer.status === 401) return location.reload();
      if (!answer.ok || mine !== asked) return;
      preview.innerHTML = await answer.text();
      preview.scrollTop = 0;
    } catch {
      location.assign(`/incidents/${row.dataset.number}`);
    }
  }

  // The same list without what was said about the last action.
  function backPath() {
    const query = new URLSearchParams(location.search);
    for (const name of ["done", "of", "action", "open"]) query.delete(name);
    const text = query.toString();
    return location.pathname + (text ? `?${text}` : "");
  }

  function move(by) {
    const all = rows();
    const at = all.indexOf(selected());
    select(all[Math.max(0, Math.min(all.length - 1, at + by))]);
  }

  // The shown incident's form or button by its key; `select` fields get the focus.
  function press(code) {
    const target = document.querySelector(`#preview [data-key=${code}], .card-page [data-key=${code}]`);
    if (!target) return;
    if (target.tagName === "SELECT") target.focus();
    else target.click();
  }

  function accept() {
    const button = document.querySelector("#preview [data-accept]");
    if (button) button.click();
  }

  function drop() {
    const details = document.querySelector("#preview [data-drop], .card-page [data-drop]");
    if (!details) return;
    details.open = !details.open;
    if (details.open) details.querySelector("summary").focus();
  }

  function digit(number) {
    const button = document.querySelector(`[data-drop][open] [data-digit="${number}"]`);
    if (button) button.click();
    return Boolean(button);
  }

  function help() {
    const shown = document.querySelector(".keyhelp");
    if (shown) return shown.remove();
    const template = document.getElementById("keys");
    if (template) document.body.append(template.content.cloneNode(true));
    else location.assign("/help");
  }

  function undo() {
    const form = document.querySelector("form[data-undo]");
    if (form) form.querySelector("button").click();
  }

  function escape() {
    const shown = document.querySelector(".keyhelp");
    if (shown) return shown.remove();
    if (!triage && history.length > 1) history.back();
  }

  const keys = {
    KeyJ: () => move(1),
    ArrowDown: () => move(1),
    KeyK: () => move(-1),
    ArrowUp: () => move(-1),
    KeyO: () => selected() && location.assign(`/incidents/${selected().dataset.number}`),
    KeyT: () => press("KeyT"),
    KeyP: () => press("KeyP"),
    KeyD: () => press("KeyD"),
    KeyS: () => press("KeyS"),
    KeyM: () => press("KeyM"),
    KeyN: () => press("KeyN"),
    KeyU: () => press("KeyU"),
    KeyY: () => press("KeyY"),
    KeyE: drop,
  };
  const onlyTriage = ["KeyJ", "KeyK", "ArrowDown", "ArrowUp", "KeyO"];

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat && event.code === "Enter") return;
    if (event.code === "Escape") {
      if (inField(event.target)) return event.target.blur();
      return escape();
    }
    if (inField(event.target)) {
      // From a field of the proposal, Enter in a list accepts as well.
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.code === "KeyZ") {
      event.preventDefault();
      return undo();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "?" || (event.shiftKey && event.code === "Slash" ) || (event.shiftKey && event.code === "Digit7" && event.key === "?")) {
      event.preventDefault();
      return help();
    }
    if (event.code === "Slash" || event.key === "/") {
      const find = document.querySelector("#q, [type=search]");
      if (find) {
        event.preventDefault();
        find.focus();
      }
      return;
    }
    if (event.code === "Period" && triage) return location.assign(backPath());
    const number = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
    if (number && digit(number[1])) return event.preventDefault();
    if (event.code === "Enter" || event.code === "NumpadEnter") {
      if (triage && !event.target.closest("a, button, summary")) {
        event.preventDefault();
        accept();
      }
      return;
    }
    if (event.shiftKey || (!triage && onlyTriage.includes(event.code))) return;
    const action = keys[event.code];
    if (!action) return;
    event.preventDefault();
    action();
  });

  if (!triage) return;
  selected()?.scrollIntoView({ block: "nearest" });

  // A click on a row shows it beside the list where there is room for that.
  document.getElementById("rows")?.addEventListener("click", (event) => {
    const link = event.target.closest(".row-link");
    if (!link || !isWide() || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    select(link.closest(".row"));
  });

  // New incidents wait behind a button: the list never moves under the cursor.
  const newer = document.getElementById("newer");
  async function look() {
    if (document.hidden) return;
    const query = new URLSearchParams(location.search);
    query.set("after", triage.dataset.newest);
    try {
      const answer = await fetch(`/triage/newer?${query}`);
      if (!answer.ok) return;
      const { count, text } = await answer.json();
      newer.hidden = count === 0;
      newer.textContent = text;
    } catch {
      // The next look tries again.
    }
  }
  newer.addEventListener("click", () => location.assign(backPath()));
  setInterval(look, 10000);
})();
