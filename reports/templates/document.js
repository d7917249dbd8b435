"use strict";
// The beginning of every page's script: elements, whose texts are text nodes and never markup, and the blocks of data.

function element(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function link(address, ...children) {
  const node = element("a", "", ...children);
  node.href = address;
  if (!address.startsWith("#")) node.rel = "noreferrer";
  return node;
}

function button(className, text, onClick) {
  const node = element("button", className, text);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
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

