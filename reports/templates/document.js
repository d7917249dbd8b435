"use strict";
// The beginning of every page's script: elements, whose texts are text nodes and never markup, and the blocks of data.

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function link(address, ...children) {
  const made = element("a", "", ...children);
  made.href = address;
  if (!address.startsWith("#")) made.rel = "noreferrer";
  return made;
}

function button(className, text, onClick) {
  const made = element("button", className, text);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

// The class that colours a verdict.
function styleOf(verdict) {
  return verdict.toLowerCase().replace(" ", "-");
}

function badge(verdict, ...more) {
  return element("span", `badge ${styleOf(verdict)}`, verdict, ...more);
}

// A promise of the value of a block of data, which reports/rendering/document.py packed.
async function unpack(id) {
  const letters = atob(document.getElementById(id).textContent);
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

