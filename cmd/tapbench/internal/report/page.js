"use strict";
// The page reads without this script. It opens what the address names, moves by keyboard, and shows
// which bytes an element has.

const exchanges = Array.from(document.querySelectorAll("details.x"));

// reveal opens the exchange that the address names.
function reveal() {
  const x = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!x || !x.matches("details.x")) return;
  x.open = true;
  choose(x);
  x.scrollIntoView({ block: "nearest" });
  x.querySelector("summary").focus({ preventScroll: true });
}

// choose marks an exchange here and on the time line.
function choose(x) {
  for (const old of document.querySelectorAll(".chosen")) old.classList.remove("chosen");
  x.classList.add("chosen");
  const bar = document.querySelector(`.timeline a[href="#${x.id}"]`);
  if (bar) bar.classList.add("chosen");
}

// light marks an element and its bytes, and nothing else.
function light(side, row) {
  for (const old of document.querySelectorAll(".lit")) old.classList.remove("lit");
  if (!row) return;
  const from = Number(row.dataset.from);
  const to = Number(row.dataset.to);
  row.classList.add("lit");
  for (const run of side.querySelectorAll(".bytes span")) {
    const at = Number(run.dataset.at);
    run.classList.toggle("lit", at >= from && at < to);
  }
}

// point lights what an event points at: a row of the tree, or the row that owns a run of bytes.
function point(event) {
  const side = event.target.closest && event.target.closest(".side");
  if (!side) return light();
  const run = event.target.closest(".bytes span");
  light(side, run
    ? side.querySelector(`tr[data-e="${run.dataset.e}"]`)
    : event.target.closest("tr[data-e]"));
}

// step moves the focus to another exchange.
function step(by) {
  const now = document.activeElement.closest("details.x") || document.querySelector(".x.chosen");
  const at = now ? exchanges.indexOf(now) + by : 0;
  const x = exchanges[Math.min(Math.max(at, 0), exchanges.length - 1)];
  if (!x) return;
  x.querySelector("summary").focus();
  choose(x);
}

for (const x of exchanges) {
  x.querySelector("summary").addEventListener("click", () => {
    choose(x);
    if (!x.open) history.replaceState(null, "", "#" + x.id);
  });
}

for (const tools of document.querySelectorAll(".tools")) {
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const all = event.target.dataset.all;
    if (!all) return;
    for (const x of tools.parentElement.querySelectorAll("details.x")) x.open = all === "open";
  });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "Escape") light();
  else return;
  event.preventDefault();
});
document.addEventListener("mouseover", point);
document.addEventListener("focusin", point);
window.addEventListener("hashchange", reveal);
reveal();
