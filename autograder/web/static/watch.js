"use strict";
// Asks how far an attempt is and puts the result in its place; without it the page reloads itself.
const state = document.getElementById("state");
let again = Number(state.dataset.again);

async function look() {
  try {
    const answer = await fetch(state.dataset.watch, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      if (answer.status < 500) return location.reload(); // the visit is over: the page says what to do
      throw new Error(answer.status);
    }
    const told = await answer.json();
    again = told.again;
    if (!told.waiting) return await show();
    const words = state.querySelector("strong");
    if (words.textContent !== told.words) words.textContent = told.words;
  } catch {
    again = Math.min(60, again * 2);
  }
  setTimeout(look, again * 1000);
}

async function show() {
  const answer = await fetch(location.href);
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("result").replaceWith(page.getElementById("result"));
  // said aloud last, when what it tells of is there
  const score = document.querySelector("#result .score");
  state.querySelector("strong").textContent =
    page.querySelector("#state strong").textContent + (score ? ": " + score.textContent.trim() : "");
}

setTimeout(look, again * 1000);
