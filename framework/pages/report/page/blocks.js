// Numbers and pictures of a report, decoded when they are asked for. The layout is in blocks.hpp.
"use strict";

const decoded = new Map();  // by number: a promise of a typed array

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const kTypes = {f32: Float32Array, f64: Float64Array, u8: Uint8Array};

async function decode({block, type, count}) {
  const box = byId(`block_${block}`);
  const bytes = await inflate(bytesOf(box.textContent));
  box.remove();  // it is not needed twice
  const width = kTypes[type].BYTES_PER_ELEMENT;
  const ordered = new Uint8Array(bytes.length);
  for (let byte = 0; byte < width; ++byte)
    for (let i = 0; i < count; ++i) ordered[i * width + byte] = bytes[byte * count + i];
  return new kTypes[type](ordered.buffer);
}

/// The numbers of a block, as a promise.
function numbers(reference) {
  if (!decoded.has(reference.block)) decoded.set(reference.block, decode(reference));
  return decoded.get(reference.block);
}

/// The lines of a block of pictures.
const lines = new Map();

/// Shows frame `index` of a block in an image.
function showPicture(image, block, index) {
  if (!lines.has(block)) lines.set(block, byId(`block_${block}`).textContent.split("\n"));
  image.src = `data:image/png;base64,${lines.get(block)[index]}`;
}
