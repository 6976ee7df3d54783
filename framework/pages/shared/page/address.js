// What is chosen on the page, in the fragment of its address: a reload and a link keep it.
//
//     #curves&metric=test/elbo&filter=beta%3E%3D4
"use strict";

/// What the address tells: name -> {get, set, initial}, texts; "" and what is initial is left out.
const choices = new Map();
/// The section at the top of the window.
let topSection = "";
/// The section that somebody asked for, where the window was scrolled for it, and the layout then:
/// {target, scrollY, layout}; null if somebody has scrolled since.
let held = null;

/// @param set called with a text that `get` has returned, before sections are drawn again
function keepChoice(name, get, set, initial = get()) {
  choices.set(name, {get, set, initial});
}

/// Keeps what is chosen by a select, a box or a text field.
function keepControl(name, control) {
  const part = control.type === "checkbox" ? "checked" : "value";
  const first = [...control.options ?? []].find((one) => one.defaultSelected) ?? control.options?.[0];
  const initial = part === "checked" ? control.defaultChecked : first?.value ?? control.defaultValue;
  keepChoice(name, () => String(control[part]), (text) => {
    if (part === "value" && control.options && ![...control.options].some((one) => (
        one.value === text))) return;
    control[part] = part === "checked" ? text === "true" : text;
    control.dispatchEvent(new Event("change"));
  }, String(initial));
}

/// Keeps the value of a `choice` or a `slider`.
/// @param current returns the control that is in force; others may replace it
function keepValue(name, current) {
  keepChoice(name, () => valueText(current().value()), (text) => {
    const {control, values, set} = current();
    const value = values.find((other) => valueText(other) === text);
    if (value === undefined) return;
    set(value);
    control.dispatchEvent(new Event(control.type === "range" ? "input" : "change"));
  });
}

/// As encodeURIComponent, but what does no harm in a fragment stays readable.
const fragmentText = (text) => encodeURIComponent(text).replace(/%(2F|2C|3A|7C|20)/g, (code) => (
    ({"%2F": "/", "%2C": ",", "%3A": ":", "%7C": "|", "%20": "+"})[code]));
const plainText = (text) => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {  // somebody cut the address
    return "";
  }
};

function addressText(section) {
  const parts = [...choices].map(([name, {get, initial}]) => [name, get(), initial])
      .filter(([, text, initial]) => text !== initial)
      .map(([name, text]) => `${name}=${fragmentText(text)}`);
  return `#${[section, ...parts].join("&")}`;
}

const writeAddress = delayed(() => {
  const text = addressText(topSection);
  if (text !== (location.hash || "#")) history.replaceState(null, "", text);
  for (const link of byId("sections").children)
    link.setAttribute("href", addressText(link.dataset.section));
}, 100);

/// Sets what the address tells, and the rest to what it was at first. @returns the section it names
function readAddress(address) {
  const [section, ...parts] = address.slice(1).split("&");
  const told = new Map(parts.map((part) => {
    const at = part.indexOf("=");
    return [part.slice(0, at), plainText(part.slice(at + 1))];
  }));
  // Choices depend on those before them, so they are set in order.
  for (const [name, {get, set, initial}] of choices) {
    const text = told.get(name) ?? initial;
    if (text !== get()) set(text);
  }
  return section;
}

/// Notes the section at the top of the window, or the one that is held there.
const followTop = delayed(() => {
  const edge = byId("toolbar").getBoundingClientRect().bottom + 40;
  const all = Array.from(document.querySelectorAll("main > section:not([hidden])"));
  const above = all.filter((one) => one.getBoundingClientRect().top < edge);
  topSection = held?.target.id ?? (window.scrollY < 50 ? "" : above.at(-1)?.id ?? "");
  for (const link of byId("sections").children)
    link.ariaCurrent = link.dataset.section === topSection ? "true" : null;
  writeAddress();
}, 150);

/// Where a section is on the whole page, and how long the page is.
const layoutAround = (target) => [
  Math.round(target.getBoundingClientRect().top + window.scrollY),
  document.documentElement.scrollHeight,
].join();

/// Scrolls to a section. It stays at the top while the sections around it are drawn and get their
/// height, until somebody scrolls.
function showSection(section) {
  const target = section ? byId(section) : null;
  if (!target?.matches("main > section")) return;
  held = {target};
  topSection = target.id;
  keepSection();
}

/// Scrolls to the section that is held, if there is one.
function keepSection() {
  if (!held) return;
  held.target.scrollIntoView();
  held.scrollY = window.scrollY;
  held.layout = layoutAround(held.target);
  followTop();
}

function followSections() {
  const letGo = () => { held = null; };
  for (const input of ["wheel", "touchmove", "keydown", "pointerdown"])
    addEventListener(input, letGo, {passive: true});
  addEventListener("scroll", () => {
    if (held && Math.abs(held.scrollY - window.scrollY) > 1) {
      // The browser scrolls by itself where the layout changes. A scroll bar gives no other event.
      if (isDrawing() || held.layout !== layoutAround(held.target)) keepSection();
      else letGo();
    }
    followTop();
  }, {passive: true});
  const sizes = new ResizeObserver(keepSection);
  sizes.observe(document.body);
  sizes.observe(byId("toolbar"));
  // Before the browser follows the link, so that nothing writes the address of another section. If
  // its address does not change, no hashchange follows.
  byId("sections").addEventListener("click", ({target}) => showSection(target.dataset.section));
}

/// Takes what the address tells. To be called when every choice is known.
function startAddress() {
  const section = readAddress(location.hash);
  addEventListener("hashchange", ({newURL}) => {
    showSection(readAddress(new URL(newURL).hash));
    changed();
  });
  document.addEventListener("change", writeAddress);
  document.addEventListener("click", writeAddress);
  followSections();
  return section;
}
