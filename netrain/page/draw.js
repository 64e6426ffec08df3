"use strict";
// Charts: drawn from the JSON beside them, in the colours of the theme, when they come into view.

Plotly.setPlotConfig({ logging: 0 }); // it warns where the room for ticks settles late, which nobody can act on

const root = document.documentElement;
const plots = new Map(); // the element of each chart -> its specification
const tally = { drawn: 0, errors: 0 };

function tell() {
  root.dataset.drawn = `${tally.drawn}/${plots.size}`;
  root.dataset.errors = tally.errors;
}

function wrong() {
  tally.errors += 1;
  tell();
}

for (const kind of ["error", "unhandledrejection", "securitypolicyviolation"]) addEventListener(kind, wrong);

function colour(name) {
  return getComputedStyle(root).getPropertyValue(name).trim();
}

// a copy in which named colours, and nothing else, are those of the theme
function coloured(value, key = "") {
  if (Array.isArray(value)) return value.map((part) => coloured(part, key));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([k, part]) => [k, coloured(part, k)]));
  }
  return typeof value === "string" && value.startsWith("--") && /color/.test(key) ? colour(value) : value;
}

function themed(layout, width) {
  const [ink, grid, paper] = ["--ink", "--grid", "--paper"].map(colour);
  const font = { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink };
  const of = {
    font, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 48, r: 14, t: 10, b: 44 },
    hoverlabel: { bgcolor: paper, bordercolor: grid, font: { ...font, size: 12 }, namelength: -1, align: "left" },
    dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom", ...coloured(layout),
  };
  of.legend = { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: { size: 12 }, ...of.legend };
  for (const key of Object.keys(of).filter((k) => /^[xy]axis/.test(k))) {
    const lines = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, ticks: "", zerolinewidth: 1 };
    const { shorttext, ...axis } = of[key];
    if (shorttext && width < 520) axis.ticktext = shorttext;
    of[key] = { ...lines, ...axis, title: { standoff: 8, ...axis.title, font: { size: 12, color: colour("--muted") } } };
  }
  return of;
}

const settings = {
  displayModeBar: false, showTips: false, doubleClick: "reset",
};

// as wide as its place, or as paper has it
function put(plot, width) {
  const spec = plots.get(plot);
  const layout = themed(spec.layout, width ?? plot.clientWidth);
  return Plotly.react(plot, coloured(spec.data), width ? { ...layout, width } : layout, settings);
}

function draw(plot) {
  if (plot.dataset.state) return;
  plot.dataset.state = "drawing";
  put(plot).then(() => {
    plot.dataset.state = plot.querySelector(".main-svg") ? "drawn" : "empty";
    if (plot.dataset.state === "drawn") tally.drawn += 1;
    tell();
  }).catch(wrong);
}

// a chart is as wide as its place, which may be folded away or turned with the phone
const sizes = new ResizeObserver((entries) => {
  for (const { target: plot } of entries) {
    const fits = plot.offsetParent && plot.dataset.state && plot._fullLayout?.width !== plot.clientWidth;
    if (fits && !root.dataset.printing) Plotly.Plots.resize(plot)?.catch?.(() => {});
  }
});

function redraw(plot) {
  if (plot.dataset.state) put(plot).catch(wrong);
}

function drawAll() {
  for (const plot of plots.keys()) draw(plot);
}

// one after the other while the browser has nothing else to do
function drawIdly() {
  const next = [...plots.keys()].find((plot) => !plot.dataset.state && plot.offsetParent);
  if (!next) return;
  draw(next);
  setTimeout(drawIdly, 20); // the page answers in between
}

function views(figure, plot, spec) {
  const group = document.createElement("span");
  group.className = "views";
  group.setAttribute("role", "group");
  spec.views.forEach((view, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = view.name;
    button.setAttribute("aria-pressed", String(i === 0));
    button.addEventListener("click", () => {
      for (const [key, [value]] of Object.entries(view.update)) spec.data[0][key] = value;
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === button));
      redraw(plot);
    });
    group.append(button);
  });
  figure.querySelector("figcaption").append(group);
}

for (const figure of document.querySelectorAll("figure.chart")) {
  const plot = figure.querySelector(".plot");
  const spec = JSON.parse(figure.querySelector("script").textContent);
  plots.set(plot, spec);
  sizes.observe(plot);
  if (spec.views) views(figure, plot, spec);
}
tell();
