"use strict";
// Tables: sorted by a click on a head, searched and cut where they are long.

function sorted(table, column, head) {
  const body = table.tBodies[0];
  const way = { none: "descending", descending: "ascending", ascending: "none" }[head.getAttribute("aria-sort") || "none"];
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  if (way !== "none") head.setAttribute("aria-sort", way);
  const rows = [...body.rows];
  rows.forEach((row, i) => { row.dataset.at ??= i; });
  const numeric = head.classList.contains("number");
  const value = (row) => {
    if (way === "none") return Number(row.dataset.at);
    const cell = row.cells[column];
    if (!numeric) return cell.textContent;
    return cell.dataset.v ? Number(cell.dataset.v) : -Infinity;
  };
  const sign = way === "descending" && numeric ? -1 : way === "ascending" && !numeric ? -1 : 1;
  const compare = (a, b) => {
    const [x, y] = [value(a), value(b)];
    const order = typeof x === "string" ? x.localeCompare(y, undefined, { numeric: true }) : x === y ? 0 : x - y;
    return sign * order || a.dataset.at - b.dataset.at;
  };
  body.append(...rows.sort(compare));
}

for (const table of document.querySelectorAll("main table")) {
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    head.querySelector("button").addEventListener("click", () => {
      sorted(table, i, head);
      table.dispatchEvent(new Event("sorted"));
    });
  });
}

for (const long of document.querySelectorAll(".long")) {
  const [search, all, shown] = ["input", ".all", ".shown"].map((name) => long.querySelector(name));
  const body = long.querySelector("tbody");
  const first = Number(long.dataset.first);
  let whole = false;
  const show = () => {
    const words = search.value.trim().toLowerCase();
    const limit = whole ? Infinity : first;
    let found = 0;
    for (const row of body.rows) {
      const fits = !words || row.textContent.toLowerCase().includes(words);
      if (fits) found += 1;
      row.classList.toggle("shows", fits && found <= limit);
    }
    long.querySelector("table").classList.add("chosen");
    shown.textContent = `${Math.min(found, limit)} of ${found.toLocaleString("en")}${words ? " found" : ""} shown`;
    all.textContent = whole ? `show ${first}` : `show all ${found.toLocaleString("en")}`;
  };
  search.addEventListener("input", show);
  all.addEventListener("click", () => { whole = !whole; show(); });
  long.querySelector("table").addEventListener("sorted", show);
  show();
}
