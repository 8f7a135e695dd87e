// Keys for lists and the search field; what the reader opened stays open and what he typed stays typed when a
// live part is replaced.
// Every page works without this file.
"use strict";

const typing = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;

const moveRow = (step) => {
  const links = [...document.querySelectorAll(".a-rowlink")];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
};

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || typing(event.target)) return;
  if (event.key === "/") {
    const field = document.querySelector(".a-find input");
    if (field === null) return;
    event.preventDefault();
    field.focus();
  } else if (event.key === "j") {
    moveRow(1);
  } else if (event.key === "k") {
    moveRow(-1);
  }
});

let kept = { open: [], typed: [], focus: "", caret: null };

document.addEventListener("htmx:beforeSwap", () => {
  const open = [...document.querySelectorAll("details[open][id]")].map((each) => each.id);
  const typed = [...document.querySelectorAll("#live textarea[id]")].map((each) => [each.id, each.value]);
  const active = document.activeElement;
  const caret = active instanceof HTMLTextAreaElement ? [active.selectionStart, active.selectionEnd] : null;
  kept = { open, typed, focus: active?.id ?? "", caret };
});

document.addEventListener("htmx:afterSwap", () => {
  for (const id of kept.open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, text] of kept.typed) {
    const field = document.getElementById(id);
    if (field !== null && field.value === "") field.value = text;
  }
  if (kept.focus === "" || document.activeElement !== document.body) return;
  const again = document.getElementById(kept.focus);
  again?.focus();
  if (kept.caret !== null) again?.setSelectionRange(...kept.caret);
});
