"use strict";
// Keep the selected people while somebody turns pages, sorts or searches, and select all rows of a page at once.
// Without this script the ticks of one page and "all found" work.
const form = document.getElementById("selection");
if (form) {
  const key = "selected " + location.pathname;
  const boxes = [...form.querySelectorAll("input[name=person]")];
  const all = form.querySelector("input[name=all]"), output = form.querySelector("output");
  const kept = form.querySelector(".kept"), elsewhere = new Set(kept ? kept.firstElementChild.value.split(" ") : []);
  kept?.remove();

  const load = () => { try { return JSON.parse(sessionStorage.getItem(key)) || []; } catch { return []; } };
  const save = (people) => { try { sessionStorage.setItem(key, JSON.stringify(people)); } catch { /* no storage here */ } };
  const others = document.createElement("label"), box = document.createElement("input");
  others.append(box, " ", document.createElement("span"));
  Object.assign(box, { type: "checkbox", name: "kept" });
  output.before(others);

  if ("fresh" in form.dataset) save([]); // done, or refused: the page holds what is still selected
  for (const person of load()) {
    const row = boxes.find((one) => one.value === person);
    if (row) row.checked = true; else elsewhere.add(person);
  }

  if (all?.checked) for (const one of boxes) one.checked = true;

  const rows = document.createElement("input");
  Object.assign(rows, { type: "checkbox", ariaLabel: form.dataset.rows, title: form.dataset.rows });
  if (boxes.length) form.querySelector("thead .tick").replaceChildren(rows);

  function tell() {
    const ticked = boxes.filter((one) => one.checked).map((one) => one.value);
    rows.checked = ticked.length > 0 && ticked.length === boxes.length;
    rows.indeterminate = ticked.length > 0 && !rows.checked;
    others.hidden = elsewhere.size === 0;
    box.checked = !others.hidden;
    box.value = [...elsewhere].join(" ");
    others.lastChild.textContent = form.dataset.elsewhere.replace("#", elsewhere.size);
    const people = new Set([...ticked, ...elsewhere]);
    save([...people]);
    if (all?.checked) for (const person of all.value.split(" ")) people.add(person);
    output.textContent = form.dataset.selected.replace("#", people.size);
  }

  form.addEventListener("change", (event) => {
    if (event.target === rows) for (const one of boxes) one.checked = rows.checked;
    if (event.target === all) for (const one of boxes) one.checked = all.checked;
    if (event.target === box) elsewhere.clear();
    if (all?.checked && boxes.some((one) => !one.checked)) { // all but these
      all.checked = false;
      for (const person of all.value.split(" ")) if (!boxes.some((one) => one.value === person)) elsewhere.add(person);
    }
    tell();
  });
  addEventListener("pageshow", tell); // also back from another page by the back button
  tell();
}
