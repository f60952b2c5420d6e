"use strict";
// Make the file field a place to drop a file, which shows the name and the size of what was chosen.
const drop = document.querySelector(".drop");
if (drop) {
  const field = drop.querySelector("input");
  const size = (bytes, unit) => (bytes).toLocaleString(document.documentElement.lang,
    { style: "unit", unit, maximumFractionDigits: 1 });
  const show = () => {
    const [file] = field.files;
    drop.querySelector(".chosen").textContent = file
      ? `${file.name} (${file.size < 1e6 ? size(Math.ceil(file.size / 1e3), "kilobyte") : size(file.size / 1e6, "megabyte")})` : "";
  };
  drop.classList.add("live");
  field.addEventListener("change", show);
  addEventListener("pageshow", show); // back from another page, with the file still chosen
  // a file dropped beside the field would leave the page for the file
  for (const kind of ["dragover", "dragleave", "drop"]) {
    addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "dragleave") return;
      event.preventDefault();
      if (kind === "drop" && event.dataTransfer.files.length === 1) {
        field.files = event.dataTransfer.files;
        field.dispatchEvent(new Event("change"));
      }
    });
  }
}
