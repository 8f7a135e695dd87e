// Keys, marked rows and the search field; what the reader opened stays open and what he typed stays typed when a live
// part is replaced. A key only leads somewhere: to a link, a row or the form that does a step.
// Every page works without this file.
"use strict";

// ---- keys

const CHORD = 1200; // milliseconds between `g` or `n` and its letter
let first = { key: "", at: 0 };

const typing = (target) => {
  const field = target.closest?.("input, select, textarea, [contenteditable]") ?? null;
  return field !== null && !["checkbox", "radio", "button", "submit"].includes(field.type);
};

// The letter of a key: as typed in Latin, else the one in that place of the keyboard (Cyrillic layouts).
const letterOf = (event) => {
  const key = event.key.toLowerCase();
  if (/^[a-z/?]$/.test(key)) return key;
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
};

const rowLinks = () => [...document.querySelectorAll(".a-rowlink")];

const rowAt = () => document.activeElement?.closest("tr, li") ?? null;

const moveRow = (step) => {
  const links = rowLinks();
  if (links.length === 0) return;
  const row = rowAt();
  const at = links.findIndex((link) => link === document.activeElement || row?.contains(link));
  links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
};

const markRow = () => {
  const box = rowAt()?.querySelector(".a-mark input");
  if (box) box.click();
};

// A link is followed; the button of a form is only reached, so that pressing it stays a step of its own.
const reach = (element) => {
  if (element instanceof HTMLAnchorElement) {
    element.click();
    if (element.hash !== "" && element.pathname === location.pathname) {
      const form = document.getElementById(decodeURIComponent(element.hash.slice(1)));
      form?.querySelector("textarea, input:not([type=hidden]), select, button")?.focus();
    }
    return;
  }
  if (element instanceof HTMLElement) element.focus();
};

const shown = (element) => element.getClientRects().length > 0;

const showKeys = () => {
  const dialog = document.getElementById("keys");
  if (dialog === null || typeof dialog.showModal !== "function") return false;
  const list = dialog.querySelector(".a-page-keys");
  for (const old of list.querySelectorAll(".a-page-key")) old.remove();
  for (const each of document.querySelectorAll("[data-key]")) {
    const line = document.createElement("div");
    const term = document.createElement("dt");
    const key = document.createElement("kbd");
    const words = document.createElement("dd");
    line.className = "a-page-key";
    key.textContent = each.dataset.key;
    words.textContent = [...each.childNodes]
      .filter((node) => node.nodeName !== "KBD")
      .map((node) => node.textContent)
      .join("")
      .trim();
    term.append(key);
    line.append(term, words);
    list.append(line);
  }
  list.hidden = list.querySelector(".a-page-key") === null;
  dialog.showModal();
  return true;
};

const follow = (letter, event) => {
  if (first.key !== "" && event.timeStamp - first.at < CHORD) {
    const link = document.querySelector(`[data-keys="${first.key} ${letter}"]`);
    first = { key: "", at: 0 };
    if (link !== null) {
      event.preventDefault();
      reach(link);
    }
    return;
  }
  first = { key: "", at: 0 };
  if (letter === "g" || letter === "n") {
    first = { key: letter, at: event.timeStamp };
  } else if (letter === "/") {
    const field = document.querySelector(".a-find input");
    if (field === null) return;
    event.preventDefault();
    field.focus();
  } else if (letter === "?") {
    if (showKeys()) event.preventDefault();
  } else if (letter === "j" || letter === "k") {
    moveRow(letter === "j" ? 1 : -1);
  } else if (letter === "x") {
    markRow();
  } else if (/^[a-z]$/.test(letter)) {
    const action = [...document.querySelectorAll(`[data-key="${letter}"]`)].find(shown);
    if (action === undefined) return;
    event.preventDefault();
    reach(action);
  }
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat && !/^[jk]$/.test(event.key)) return;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (document.querySelector("dialog[open]") !== null) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const letter = letterOf(event);
  if (letter !== "") follow(letter, event);
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("#show-keys") && !event.ctrlKey && !event.metaKey && showKeys()) event.preventDefault();
});

// ---- marked rows

const boxes = () => [...document.querySelectorAll(".a-mark input[name]")];

const tellMarked = () => {
  const told = document.getElementById("marked-count");
  if (told === null) return;
  const marked = boxes().filter((box) => box.checked);
  told.textContent = marked.length === 0 ? told.dataset.none : `${told.dataset.some} ${marked.length}`;
  for (const box of boxes()) box.closest("tr")?.classList.toggle("is-marked", box.checked);
  const all = document.getElementById("mark-all");
  if (all === null) return;
  all.hidden = false;
  all.checked = marked.length > 0 && marked.length === boxes().length;
  all.indeterminate = marked.length > 0 && !all.checked;
};

document.addEventListener("change", (event) => {
  if (event.target.id === "mark-all") {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  if (event.target.closest?.(".a-mark")) tellMarked();
});

// Also when the browser brought a page back with its boxes as they were.
window.addEventListener("pageshow", tellMarked);

// ---- a form that is sent: nothing more is asked for on the page it leaves

let leaving = false;
document.addEventListener("submit", (event) => {
  leaving = !event.defaultPrevented;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (leaving) event.preventDefault();
});
window.addEventListener("pageshow", () => {
  leaving = false;
});

// ---- parts that are replaced

let kept = { open: [], typed: [], marked: [], focus: "", href: "", caret: null };

document.addEventListener("htmx:beforeSwap", () => {
  const open = [...document.querySelectorAll("details[open][id]")].map((each) => each.id);
  const typed = [...document.querySelectorAll("#live textarea[id]")].map((each) => [each.id, each.value]);
  const marked = boxes().filter((box) => box.checked).map((box) => box.value);
  const active = document.activeElement;
  const caret = active instanceof HTMLTextAreaElement ? [active.selectionStart, active.selectionEnd] : null;
  const href = active?.classList.contains("a-rowlink") ? active.getAttribute("href") : "";
  kept = { open, typed, marked, focus: active?.id ?? "", href, caret };
});

document.addEventListener("htmx:afterSwap", () => {
  for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, text] of kept.typed) {
    const field = document.getElementById(id);
    if (field !== null && field.value === "") field.value = text;
  }
  for (const box of boxes()) box.checked = kept.marked.includes(box.value);
  tellMarked();
  if (document.activeElement !== document.body) return;
  if (kept.href !== "") rowLinks().find((link) => link.getAttribute("href") === kept.href)?.focus();
  if (kept.focus === "") return;
  const again = document.getElementById(kept.focus);
  again?.focus();
  if (kept.caret !== null) again?.setSelectionRange(...kept.caret);
});

// ---- the board of visits: a visit dragged to a crew and a time leads to the form that moves it there

const NEAR = 6; // pixels: less is a click
const STEP = 15; // minutes
let drag = null;

const dropped = ({ visit, x }, event) => {
  const lane = [...visit.ownerSVGElement.querySelectorAll("[data-crew]")].find((each) => {
    const box = each.getBoundingClientRect();
    return event.clientY >= box.top && event.clientY < box.bottom;
  });
  if (lane === undefined) return;
  const minute = (lane.dataset.hours * 60) / lane.getBoundingClientRect().width;
  const at = Math.round((Number(visit.dataset.start) + (event.clientX - x) * minute) / STEP) * STEP;
  if (at < 0 || at >= 1440) return;
  const target = new URL(visit.getAttribute("href"), location.href);
  target.searchParams.set("crew", lane.dataset.crew);
  const two = (number) => String(number).padStart(2, "0");
  target.searchParams.set("at", `${two(Math.floor(at / 60))}:${two(at % 60)}`);
  location.assign(target);
};

document.addEventListener("dragstart", (event) => {
  if (event.target.closest?.("a[data-move]")) event.preventDefault();
});
document.addEventListener("pointerdown", (event) => {
  const visit = event.button === 0 && event.pointerType === "mouse" ? event.target.closest?.("a[data-move]") : null;
  drag = visit ? { visit, x: event.clientX, y: event.clientY, far: false } : null;
});
document.addEventListener("pointermove", (event) => {
  if (drag === null) return;
  const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
  drag.far ||= Math.hypot(dx, dy) > NEAR;
  if (!drag.far) return;
  const scale = drag.visit.ownerSVGElement.getScreenCTM()?.a || 1;
  drag.visit.setAttribute("opacity", "0.6");
  drag.visit.setAttribute("transform", `translate(${dx / scale} ${dy / scale})`);
});
document.addEventListener("pointerup", (event) => {
  if (drag === null) return;
  const ended = drag;
  drag = null;
  if (!ended.far) return;
  ended.visit.removeAttribute("transform");
  ended.visit.removeAttribute("opacity");
  const still = (click) => click.preventDefault();
  document.addEventListener("click", still, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", still, { capture: true }), 0);
  dropped(ended, event);
});
document.addEventListener("pointercancel", () => {
  drag?.visit.removeAttribute("transform");
  drag?.visit.removeAttribute("opacity");
  drag = null;
});
