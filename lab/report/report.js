"use strict";
const page = document.documentElement;
const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const rows = all(".row");
const form = document.querySelector(".filters");
const chosen = () => form.querySelector(".choices [aria-pressed=true]").dataset.verdict;

function speak(language) {
  page.lang = language;
  for (const button of all("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language));
  for (const element of all("[data-es]")) {
    const text = element.dataset[language];
    if (element.tagName === "INPUT") { element.placeholder = text; element.setAttribute("aria-label", text); } else element.textContent = text;
  }
}

function filter() {
  const words = form.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const fits = (!chosen() || row.dataset.verdict === chosen())
      && (!form.requirement.value || row.dataset.requirement === form.requirement.value)
      && words.every((word) => row.dataset.search.includes(word));
    row.hidden = !fits;
    shown += fits;
  }
  document.querySelector(".empty").hidden = shown > 0;
}

function choose(verdict) {
  for (const button of all(".choices button")) button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
  filter();
}

function seek(player, seconds) {
  const audio = player.querySelector("audio");
  if (!audio) return;
  audio.currentTime = seconds;
  audio.play().catch(() => {});
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-language], [data-pick], .choices button, .toggle, .copy, .player [data-seek], .strip");
  if (!target) return;
  if (target.dataset.language) speak(target.dataset.language);
  else if (target.dataset.pick) {
    form.requirement.value = target.dataset.pick;
    choose("");
    form.scrollIntoView({ behavior: "smooth" });
  } else if (target.closest(".choices")) choose(target.dataset.verdict);
  else if (target.matches(".toggle")) {
    const open = target.dataset.open === "false";
    target.dataset.open = String(open);
    for (const row of rows) row.open = open;
  } else if (target.matches(".copy")) navigator.clipboard?.writeText(target.previousElementSibling.textContent);
  else if (target.dataset.seek) seek(target.closest(".player"), Number(target.dataset.seek));
  else {
    const drawing = target.querySelector(".timeline");
    const box = drawing.getBoundingClientRect();
    seek(target.closest(".player"), Number(drawing.dataset.seconds) * (event.clientX - box.left) / box.width);
  }
});
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
document.addEventListener("timeupdate", (event) => {
  const drawing = event.target.closest(".player")?.querySelector(".timeline");
  if (!drawing) return;
  const head = drawing.querySelector(".playhead");
  const place = `${100 * event.target.currentTime / Number(drawing.dataset.seconds)}%`;
  head.setAttribute("x1", place);
  head.setAttribute("x2", place);
  head.setAttribute("opacity", "1");
}, true);
document.addEventListener("play", (event) => { for (const audio of all("audio")) if (audio !== event.target) audio.pause(); }, true);
addEventListener("beforeprint", () => { for (const row of rows) row.open = true; });
function follow() {
  const row = rows.find((each) => `#${each.id}` === decodeURIComponent(location.hash));
  if (row) { row.open = true; row.scrollIntoView(); }
}
addEventListener("hashchange", follow);
follow();
