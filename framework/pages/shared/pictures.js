// Pictures of both pages: pixels as squares of whole screen pixels, enlarged by a click.
"use strict";

/// The width at which a picture of `width` pixels fills `room`, in whole screen pixels per pixel.
const wholePixels = (width, room) => `${Math.max(1, Math.round(room / width)) * width}px`;

/// Opens a picture as large as the window allows.
/// @param more what stands below it
function enlarge({source, label, width, more = ""}) {
  const image = element("img", {src: source, alt: label});
  const scale = Math.max(1, Math.floor(Math.min(innerWidth * 0.9, 1100) / width));
  image.style.width = `${scale * width}px`;
  image.style.imageRendering = "pixelated";
  const close = element("button", {type: "button", textContent: "Close"});
  const dialog = element("dialog", {}, element("p", {textContent: label}), image,
                         element("p", {}, close), more);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/// A picture with a caption. A click enlarges it.
/// @param content an image or a canvas
/// @param describe returns what `enlarge` takes, at the time of the click
function pictureFigure(content, caption, describe) {
  const button = element("button", {type: "button", title: "Enlarge"}, content);
  button.addEventListener("click", () => enlarge(describe()));
  return element("figure", {}, button, caption);
}
