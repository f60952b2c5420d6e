"use strict";
// Poll the state of an attempt and show its result; without this script the page reloads itself.
const state = document.getElementById("state");
let again = Number(state.dataset.again);

async function poll() {
  try {
    const answer = await fetch(state.dataset.watch, { headers: { Accept: "application/json" } });
    if (!answer.ok) {
      if (answer.status < 500) return location.reload(); // the visit has expired: the page says what to do
      throw new Error(answer.status);
    }
    const data = await answer.json();
    again = data.again;
    if (!data.waiting) return await show();
    const words = state.querySelector("strong");
    if (words.textContent !== data.words) words.textContent = data.words;
    document.querySelector("#result > progress").value = data.step;
  } catch {
    again = 4; // the tool may be back at any moment, and the page is to ask every five seconds at least
  }
  setTimeout(poll, again * 1000);
}

async function show() {
  const answer = await fetch(location.href);
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("result").replaceWith(page.getElementById("result"));
  // last, so that a screen reader announces it when the result is there
  const score = document.querySelector("#result .score");
  state.querySelector("strong").textContent =
    page.querySelector("#state strong").textContent + (score ? ": " + score.textContent.trim() : "");
}

setTimeout(poll, again * 1000);
