// What can be seen to be wrong with a page by looking at the page alone.
// Returns a list of complaints.
const wrong = [];
const say = (what, node) => {
  const text = (node?.outerHTML ?? node?.textContent ?? "").replace(/\s+/g, " ").slice(0, 140);
  wrong.push(text ? `${what}: ${text}` : what);
};
const isSeen = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });

if (!document.documentElement.lang) say("no language");
if (document.querySelectorAll("h1").length !== 1) say("not one h1");
if (document.title.trim().length < 4) say("no title");
if (window.innerWidth < document.documentElement.scrollWidth)
  say(`scrolls sideways: ${document.documentElement.scrollWidth} of ${window.innerWidth}`);

const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
ids.filter((id, at) => ids.indexOf(id) !== at).forEach((id) => say(`id twice: ${id}`));

for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
  if (!isSeen(field)) continue;
  const label = [...(field.labels ?? [])].some((one) => one.textContent.trim());
  if (!label && !field.getAttribute("aria-label")) say("no label", field);
}
for (const control of document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")) {
  if (!isSeen(control)) continue;
  if (control.tabIndex < 0) say("cannot be reached by Tab", control);
  const name = control.textContent.trim() || control.getAttribute("aria-label") || control.labels?.length;
  if (!name) say("no name", control);
}
for (const table of document.querySelectorAll("table"))
  if (!table.querySelector("th")) say("a table without headings", table);

// Contrast of what is written, by the formula of WCAG.
const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const rgba = (colour) => {
  paint.clearRect(0, 0, 1, 1);
  paint.fillStyle = colour;
  paint.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3]));
const light = (colour) => {
  const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const background = (node) => {
  const above = [];
  for (let at = node; at; at = at.parentElement) above.push(rgba(getComputedStyle(at).backgroundColor));
  return above.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
};
const opacity = (node) => {
  let whole = 1;
  for (let at = node; at; at = at.parentElement) whole *= Number(getComputedStyle(at).opacity);
  return whole;
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !isSeen(node) || node.closest("script, style, template, option, .sr, .skip")) continue;
  const style = getComputedStyle(node);
  const ground = background(node);
  const ink = rgba(style.color);
  ink[3] *= opacity(node);
  const [high, low] = [light(over(ink, ground)), light(ground)].sort((a, b) => b - a);
  const size = parseFloat(style.fontSize);
  const isLarge = 24 <= size || (18.66 <= size && 700 <= Number(style.fontWeight));
  const contrast = (high + 0.05) / (low + 0.05);
  if (contrast < (isLarge ? 3 : 4.5)) say(`contrast ${contrast.toFixed(2)}`, node);
}

// In a Russian page, Latin words are either names, keys or a forgotten text.
if (document.documentElement.lang === "ru") {
  const known = /^(Telegram|English|Enter|Esc|Ctrl|CSV|MAX|VK|OK|RSS|incident|demo|system|user)$/;
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!isSeen(node) || node.closest("script, style, template, code, pre, kbd, [data-raw], [lang=en], .post, .row-text, h1, h2, blockquote")) continue;
    const words = (walk.currentNode.data.match(/\b[A-Za-z][A-Za-z_-]{2,}\b/g) ?? []).filter((word) => !known.test(word));
    if (words.length) say(`not Russian: ${words.join(" ")}`, node);
  }
}
return wrong;
