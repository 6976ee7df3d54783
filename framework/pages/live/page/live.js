// The page while the run goes on: how far it is, and when it is drawn again.
"use strict";

let shownStructure = "";  // of the report for which the controls were made
let isOpen = false;
let updateDue = false;
let drawTime = 0;  // milliseconds

function durationText(seconds) {
  const parts = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = parts.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0 s";
  let rest = Math.round(seconds);
  return parts.slice(first, first + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count ? `${count} ${unit}` : "";
  }).filter((part) => part).join(" ");
}

/// Epochs that are still to be trained.
const epochsLeft = () => allTrials.filter((trial) => (
    ["running", "partial", "new"].includes(field("status", trial))))
    .reduce((sum, trial) => sum + Math.max(0, field("target_epochs", trial) - epochsDone(trial)), 0);

function liveStatus() {
  const {run} = told;
  const done = withStatus("done").length + withStatus("stale").length;
  const failed = withStatus("failed").length;
  const count = `${done} of ${trialCount} trials done${failed ? `, ${failed} failed` : ""}`;
  const state = run.lost ? "no connection" : run.state;
  const elapsed = run.state === "running" && !run.lost
      ? run.elapsed + (performance.now() - run.heard) / 1000 : run.elapsed;
  const speed = run.epochs_trained / run.elapsed;
  const parts = [`${state}: ${count}`, durationText(elapsed)];
  if (run.epochs_trained > 0) {
    parts.push(speed >= 1 ? `${numberText(Number(speed.toPrecision(2)))} epochs/s`
                          : `${numberText(Number((60 * speed).toPrecision(2)))} epochs/min`);
    if (run.state === "running") parts.push(`about ${durationText(epochsLeft() / speed)} left`);
  }
  return parts.join(" · ");
}

/// After the run: the command that makes a report of everything.
function offerReport() {
  const isOver = told.run.state && told.run.state !== "running";
  byId("report_offer")?.remove();
  if (!isOver || !told.run.results) return;
  const command = `varia report ${told.run.results}`;
  const copy = element("button", {type: "button", textContent: "Copy"});
  copy.addEventListener("click", () => copyText(command, copy));
  document.querySelector("header").after(element(
      "p", {id: "report_offer"}, "This page keeps what it has. The report has every epoch and picture: ",
      element("code", {textContent: command}), " ", copy));
}

function showStatus() {
  setText(byId("status"), liveStatus());
  byId("status").dataset.state = told.run.lost ? "lost" : told.run.state;
}

async function draw() {
  takeReport(liveDocument());
  const structure = JSON.stringify([
    trialCount, axes, scalarMetrics.map(({name}) => name), report.default_metric,
    report.pictures.views.map(({name}) => name), report.pictures.points.map(({name}) => name)]);
  if (!isOpen) {
    isOpen = true;
    shownStructure = structure;
    await openPage();
  } else {
    if (structure !== shownStructure) restartPage();
    shownStructure = structure;
    extendEpochs();
    sectionDrawers.get(byId("overview")).start();
    await changed();
  }
  document.title = `${told.run.experiment} – Varia`;
  showStatus();
  offerReport();
}

/// Draws soon, and leaves the browser four times as long as the last drawing took.
function update() {
  if (updateDue) return;
  updateDue = true;
  setTimeout(() => requestAnimationFrame(async () => {
    updateDue = false;
    const start = performance.now();
    await draw();
    drawTime = performance.now() - start;
  }), Math.max(isOpen ? 200 : 0, 4 * drawTime));
}

headerText = liveStatus;
setInterval(() => {
  if (isOpen && told.run.state === "running") showStatus();
}, 1000);
listen(update);
