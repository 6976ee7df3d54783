// The choices that all sections share, and the start.
"use strict";

let pageEpoch = null;  // the slider

/// What stands beside the heading.
let headerText = () => {
  const others = ["failed", "partial"].filter((status) => withStatus(status).length)
      .map((status) => `, ${withStatus(status).length} ${status}`).join("");
  return `${settings.length} settings, ${withStatus("done").length} of ${trialCount} trials done` +
      others;
};

function startHeader() {
  const titles = report.experiments.map((experiment) => experiment.title);
  setText(byId("experiment"), titles.join(", "));
  setText(byId("status"), headerText());
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

const changedSoon = delayed(changed, 60);

/// Takes where the slider stands, before events of a run move it.
function takeEpoch() {
  const chosen = pageEpoch.value();
  state.epoch = chosen === "last" ? null : chosen;
  changedSoon();
}

const pageEpochs = () => [...Array.from({length: epochCount}, (_, i) => i + 1), "last"];

function startEpochs() {
  pageEpoch = slider("Epoch", pageEpochs(), "last", takeEpoch);
  pageEpoch.control.id = "epoch";
  byId("epochs").replaceChildren(pageEpoch.box);
  keepChoice("epoch", () => String(state.epoch ?? "last"), (text) => {
    pageEpoch.set(pageEpoch.values.find((epoch) => String(epoch) === text) ?? "last");
    state.epoch = pageEpoch.value() === "last" ? null : pageEpoch.value();
  }, "last");
  extendEpochs();
}

/// Lets the slider end at the epochs that there are now.
function extendEpochs() {
  pageEpoch.values.splice(0, pageEpoch.values.length, ...pageEpochs());
  // Another run may have no such epoch.
  if (!pageEpoch.values.includes(state.epoch)) state.epoch = null;
  const chosen = state.epoch ?? "last";
  pageEpoch.control.max = String(pageEpoch.values.length - 1);
  pageEpoch.control.hidden = epochCount < 2;
  pageEpoch.set(chosen);
  byId("epochs").hidden = epochCount < 2;
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
  state.filter = null;  // it knows the metrics that were there
  const example = axes.find(isNumeric);
  const most = example && axisValues(example).findLast((value) => !isMissing(value));
  byId("filter").placeholder = isMissing(most)
      ? "status = done" : `${shortName(example)} >= ${valueText(most)}`;
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

/// Makes every control for what the page is to show, in place of those that are there.
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

/// Shows what `takeReport` was given, and what the address tells of it.
async function openPage() {
  startPage();
  const section = startAddress();
  await changed();
  watchSections();
  showSection(section);
}

/// Makes the controls for another report, and keeps what is chosen.
function restartPage() {
  const address = addressText(topSection);
  startPage();
  readAddress(address);
  takeFilter();
}
