"use strict";
// The page around it: theme, contents, copying, printing, and when charts are drawn.

const wishes = location.hash.slice(1).split(",");

function dark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  for (const plot of plots.keys()) redraw(plot);
}

for (const theme of ["dark", "light"]) if (wishes.includes(theme)) setTheme(theme);
document.querySelector(".theme").addEventListener("click", () => setTheme(dark() ? "light" : "dark"));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme(root.dataset.theme));

for (const button of document.querySelectorAll(".copy")) {
  button.addEventListener("click", () => {
    const code = button.parentElement.querySelector("code");
    const selection = getSelection();
    selection.selectAllChildren(code); // what the clipboard refuses can be copied by hand
    const done = () => { button.textContent = "copied"; setTimeout(() => { button.textContent = "copy"; }, 1500); };
    if (navigator.clipboard) navigator.clipboard.writeText(code.textContent).then(done, () => {});
    else if (document.execCommand("copy")) done();
  });
}

for (const folded of document.querySelectorAll("details")) {
  folded.addEventListener("toggle", () => {
    for (const plot of folded.querySelectorAll(".plot")) {
      if (folded.open) draw(plot);
    }
  });
}

const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((e) => e.isIntersecting)) {
    for (const [id, a] of links) a.toggleAttribute("aria-current", id === entry.target.id);
  }
}, { rootMargin: "-15% 0px -75% 0px" });
for (const section of document.querySelectorAll("section")) seen.observe(section);

const near = new IntersectionObserver((entries) => {
  for (const entry of entries.filter((e) => e.isIntersecting)) {
    near.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "300px 0px" });

let before;
addEventListener("beforeprint", () => {
  before = root.dataset.theme;
  root.dataset.theme = "light";
  root.dataset.printing = "";
  drawAll();
  for (const plot of plots.keys()) put(plot, plot.closest(".wide, .grid.one") ? 660 : 320).catch(wrong);
});
addEventListener("afterprint", () => {
  delete root.dataset.printing;
  setTheme(before);
});

if (wishes.includes("all")) drawAll();
else {
  for (const plot of plots.keys()) near.observe(plot);
  addEventListener("load", () => setTimeout(drawIdly, 300));
}
