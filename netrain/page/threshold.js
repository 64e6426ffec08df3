"use strict";
// The threshold chooser of two classes: all from the four counts at each threshold.

function figure(value) {
  if (value === null || !Number.isFinite(value)) return "-";
  const size = Math.abs(value);
  if (size >= 1e7 || (size > 0 && size < 1e-4)) return value.toExponential(3);
  if (size >= 999.95) return Math.round(value).toLocaleString("en");
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

for (const chooser of document.querySelectorAll(".chooser")) {
  const counts = JSON.parse(chooser.querySelector(":scope > script").textContent);
  const plot = chooser.querySelector(".plot");
  const [slider, fp, fn, told, at] = [".slide", ".fp", ".fn", ".told", ".at"].map((name) => chooser.querySelector(name));
  const price = (input) => Math.max(0, Number(input.value) || 0);
  const costs = () => counts.threshold.map((_, i) => price(fp) * counts.fp[i] + price(fn) * counts.fn[i]);

  const show = () => {
    const i = Number(slider.value);
    const [tp, alarms, misses] = [counts.tp[i], counts.fp[i], counts.fn[i]];
    const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(1)}%` : "-");
    const all = costs();
    const facts = {
      precision: share(tp, tp + alarms), recall: share(tp, tp + misses), F1: share(2 * tp, 2 * tp + alarms + misses),
      "false alarms": figure(alarms), misses: figure(misses), cost: figure(all[i]),
    };
    told.replaceChildren(...Object.entries(facts).map(([key, value]) => {
      const [pair, dt, dd] = ["div", "dt", "dd"].map((name) => document.createElement(name));
      [dt.textContent, dd.textContent] = [key, value];
      pair.append(dt, dd);
      return pair;
    }));
    at.textContent = counts.threshold[i].toFixed(2);
    const spec = plots.get(plot);
    Object.assign(spec.layout.shapes[0], { x0: counts.threshold[i], x1: counts.threshold[i] });
    spec.data[spec.data.length - 1].y = all;
    redraw(plot);
  };

  chooser.querySelector(".cheapest").addEventListener("click", () => {
    const all = costs();
    const least = Math.min(...all);
    const cheap = all.flatMap((cost, i) => (cost === least ? [i] : []));
    slider.value = cheap[Math.floor(cheap.length / 2)];
    show();
  });
  for (const input of [slider, fp, fn]) input.addEventListener("input", show);
  show();
}
