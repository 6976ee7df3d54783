// The choices that all sections share, and the start.
"use strict";

let pageEpoch = null;  // the slider

function startHeader() {
  const titles = report.experiments.map((experiment) => experiment.title);
  setText(byId("experiment"), titles.join(", "));
  const others = ["failed", "partial"].filter((status) => withStatus(status).length)
      .map((status) => `, ${withStatus(status).length} ${status}`).join("");
  setText(byId("counts"), `${settings.length} settings, ${withStatus("done").length} of ` +
                          `${trialCount} trials done${others}`);
  byId("sections").replaceChildren(...Array.from(document.querySelectorAll("main > section"))
      .filter((section) => !section.hidden)
      .map((section) => {
        const link = element("a", {href: `#${section.id}`,
                                   textContent: section.querySelector("h2").textContent});
        link.dataset.section = section.id;
        return link;
      }));
}

function takeMetric() {
  state.metric = byId("metric").value;
  board.sort = null;
  state.brush.clear();
  parallel.fresh = true;
  takeFilter();  // its names may mean metrics of this one's split
}

function startMetrics() {
  offerMetrics(byId("metric"), scalarMetrics.map(({name}) => name), report.default_metric);
  state.metric = byId("metric").value;
  keepChoice("metric", () => state.metric, (name) => {
    if (!metrics.get(name)?.final) return;
    byId("metric").value = name;
    takeMetric();
  }, report.default_metric);
}

function startEpochs() {
  const epochs = [...Array.from({length: epochCount}, (_, i) => i + 1), "last"];
  const take = delayed(() => {
    const chosen = pageEpoch.value();
    const epoch = chosen === "last" ? null : chosen;
    if (epoch === state.epoch) return;
    state.epoch = epoch;
    changed();
  }, 60);
  pageEpoch = slider("Epoch", epochs, "last", take);
  pageEpoch.control.id = "epoch";
  byId("epochs").replaceChildren(pageEpoch.box);
  byId("epochs").hidden = epochCount < 2;
  keepChoice("epoch", () => String(state.epoch ?? "last"), (text) => {
    pageEpoch.set(epochs.find((epoch) => String(epoch) === text) ?? "last");
    state.epoch = pageEpoch.value() === "last" ? null : pageEpoch.value();
  }, "last");
}

function takeFilter() {
  try {
    state.filter = parseFilter(byId("filter").value);
    setText(byId("filter_error"), "");
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    setText(byId("filter_error"), error.message);  // what was there before still holds
  }
  changed();
}

function startFilter() {
  const example = axes.find(isNumeric);
  byId("filter").placeholder = example
      ? `${shortName(example)} >= ${valueText(axisValues(example).at(-1))}` : "status = done";
  keepChoice("filter", () => byId("filter").value, (text) => {
    byId("filter").value = text;
    takeFilter();
  }, "");
}

function takeTheme() {
  const {value} = byId("theme");
  if (value) document.documentElement.dataset.theme = value;
  else delete document.documentElement.dataset.theme;
  redrawAll();
}

/// Makes every control anew for what the page is to show.
function startPage() {
  choices.clear();
  keepControl("theme", byId("theme"));
  if (scalarMetrics.length > 0) startMetrics();
  startEpochs();
  startFilter();
  keepChoice("hidden", () => [...state.hidden].join(","), (text) => {
    state.hidden = new Set(text.split(",").filter((part) => part).map(Number)
        .filter((trial) => trial < trialCount));
  }, "");
  startSections();
  startHeader();
}

byId("metric").addEventListener("change", takeMetric);
byId("filter").addEventListener("input", delayed(takeFilter, 150));
byId("theme").addEventListener("change", takeTheme);
dark.addEventListener("change", redrawAll);
new ResizeObserver(() => document.documentElement.style.setProperty(
    "--toolbar", `${byId("toolbar").offsetHeight}px`)).observe(byId("toolbar"));

takeReport(JSON.parse(byId("data").textContent));
startPage();
const firstSection = startAddress();
changed().then(() => {
  watchSections();
  showSection(firstSection);
});
