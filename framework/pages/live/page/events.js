// What /events has told, and the pictures and points that it names. The layout is in
// live_board.hpp.
"use strict";

const kFetches = 4;          // at a time: a browser has six connections, and one is the events
const kRetryAfter = 3000;    // milliseconds, when a run has ended
const kKeptPictures = 2000;  // of earlier epochs too; the oldest go first

const told = {run: {}, trials: [], metrics: new Map(), notes: []};  // trials by index
/// The trials that events have told of so far, in the order of the plan.
const knownTrials = () => told.trials.filter((trial) => trial);

function forgetAll() {
  Object.assign(told, {run: {}, trials: [], metrics: new Map(), notes: []});
  contents.clear();
  ready.clear();
}

/// Takes what an event tells.
function takeEvent({notes, trials, metrics: added, ...run}) {
  told.run = {...run, heard: performance.now()};
  told.notes.push(...notes);
  for (const metric of added) told.metrics.set(metric.name, metric);
  for (const {records, first_record: first, pictures, points, ...fields} of trials) {
    const trial = told.trials[fields.index] ??= {records: [], pictures: new Map(),
                                                points: new Map()};
    Object.assign(trial, fields);
    trial.records.splice(first, trial.records.length, ...records);
    for (const picture of pictures) trial.pictures.set(picture.number, picture);
    for (const plot of points) trial.points.set(plot.number, plot);
  }
}

// Pictures and scatter plots ----------------------------------------------------------------------

/// What was fetched, by "pictures/TRIAL/VIEW@EPOCH": a promise of {source} of a picture, or of the
/// JSON of a scatter plot.
const contents = new Map();
const ready = new Map();  // the same, once it is there
const waiting = [];  // what starts a fetch
let fetching = 0;
let idle = null;  // called when nothing is waited for

function fetchNext() {
  while (fetching < kFetches && waiting.length > 0) {
    ++fetching;
    waiting.shift()().finally(() => {
      --fetching;
      fetchNext();
    });
  }
  if (fetching === 0 && idle) idle();
}

const contentKey = (path, epoch) => `${path}@${epoch}`;

/// Fetches the newest content of a path, which was made at an epoch. @returns a promise of it
function content(path, epoch, load) {
  const key = contentKey(path, epoch);
  if (!contents.has(key)) {
    contents.set(key, new Promise((resolve) => waiting.push(async () => {
      try {
        const loaded = await load(path);
        ready.set(key, loaded);
        resolve(loaded);
      } catch {  // the server has newer content, or is gone
        contents.delete(key);
        resolve(null);
      }
    })));
    if (contents.size > kKeptPictures) {
      const [oldest] = contents.keys();
      contents.delete(oldest);
      ready.delete(oldest);
    }
    fetchNext();
  }
  return contents.get(key);
}

async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

async function loadPicture(path) {
  const response = await get(path);
  const header = (name) => Number(response.headers.get(`Varia-${name}`));
  const [width, height, channels] = [header("Width"), header("Height"), header("Channels")];
  const bytes = new Uint8Array(await response.arrayBuffer());
  const image = new ImageData(width, height);
  for (let i = 0; i < width * height; ++i) {
    for (let c = 0; c < 3; ++c) image.data[4 * i + c] = bytes[channels * i + (c % channels)];
    image.data[4 * i + 3] = 255;
  }
  const canvas = Object.assign(document.createElement("canvas"), {width, height});
  canvas.getContext("2d").putImageData(image, 0, 0);
  return {source: canvas.toDataURL()};
}

const loadPoints = async (path) => (await get(path)).json();

const picturePath = (trial, {number}) => `pictures/${trial.index}/${number}`;
const pointsPath = (trial, {number}) => `points/${trial.index}/${number}`;

/// Fetches all newest content that was not fetched yet.
function fetchAll() {
  for (const trial of knownTrials()) {
    for (const one of trial.pictures.values())
      content(picturePath(trial, one), one.epoch, loadPicture);
    for (const one of trial.points.values()) content(pointsPath(trial, one), one.epoch, loadPoints);
  }
  return new Promise((resolve) => {
    idle = resolve;
    fetchNext();
  });
}

// The stream --------------------------------------------------------------------------------------

/// Hears what the run tells, and waits for another run at the same address when it has ended.
/// @param update called after each event
function listen(update) {
  const events = new EventSource("events");
  let isOver = false;
  const hear = async (data) => {
    takeEvent(JSON.parse(data));
    update();
    if (told.run.state === "running") return;
    isOver = true;
    // The program waits for the stream to end, so that the last pictures can be fetched.
    await fetchAll();
    update();
    events.close();
    setTimeout(listen, kRetryAfter, update);
  };
  events.addEventListener("board", ({data}) => {
    // The last words of a run that was heard to its end.
    if (told.run.state && told.run.state !== "running" &&
        JSON.parse(data).state !== "running") {
      events.close();
      setTimeout(listen, kRetryAfter, update);
      return;
    }
    forgetAll();
    hear(data);
  });
  events.addEventListener("change", ({data}) => hear(data));
  events.addEventListener("error", () => {
    if (isOver) return;
    // After an answer that is an error the browser does not try again by itself.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, kRetryAfter, update);
    if (told.run.state !== undefined && told.run.state !== "running") return;
    told.run.lost = true;
    if (told.run.state === "running") update();
    else setText(byId("status"), "The run cannot be reached, or too many pages watch it.");
  });
}
