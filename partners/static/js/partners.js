// Every page works without this file. It adds: search and preview while typing, a warning before
// typed text is left behind, and one effect for a button that is pressed twice.
import { ErrorSummary, SkipLink, createAll } from "./govuk-frontend.min.js?v=03560aaedbb4";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [ErrorSummary, SkipLink]) createAll(component);

function later(wait, work) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(work, wait); };
}

// What a page hands over of a form: no files, no passwords, and not the key that lets a deed happen once.
function typed(form) {
  const data = new FormData(form);
  for (const [name, value] of [...data]) {
    const field = form.elements.namedItem(name);
    if (value instanceof File || name === "_key" || (field && field.type === "password")) data.delete(name);
  }
  return data;
}

// Puts the answer into `target`. The answer may be a fragment or a whole page that holds the same id.
function show(target, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const open = [...target.querySelectorAll("details")].map((details) => details.open);
  const part = target.id && page.getElementById(target.id);
  target.replaceChildren(...(part || page.body).childNodes);
  target.querySelectorAll("details").forEach((details, at) => { details.open = open[at] || details.open; });
  target.hidden = !target.textContent.trim();
}

function asker(target, address) {
  let running;
  return async () => {
    running?.abort();
    running = new AbortController();
    const { url, ...rest } = address();
    target.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { ...rest, signal: running.signal, credentials: "same-origin",
        headers: { "X-Fragment": target.id, Accept: "text/html" } });
      // 422 is the answer to a form that is not complete yet: it still has something to show.
      if ((answer.ok || answer.status === 422) && !answer.redirected) show(target, await answer.text());
      target.removeAttribute("aria-busy");
    } catch (problem) {
      if (problem.name !== "AbortError") target.removeAttribute("aria-busy");
    }
  };
}

function withQuery(address, data) {
  const url = new URL(address, location.href);
  data.delete("csrf_token");
  for (const name of new Set(data.keys())) url.searchParams.delete(name);
  for (const [name, value] of data) url.searchParams.append(name, value);
  return url;
}

// <input data-suggest="/address" data-suggest-into="id">: sends the field, or with
// <form data-suggest …> the whole form, whose address is then kept in the address bar.
for (const source of document.querySelectorAll("[data-suggest]")) {
  const target = document.getElementById(source.dataset.suggestInto);
  if (!target) continue;
  const whole = source.tagName === "FORM";
  const ask = asker(target, () => {
    const data = whole ? typed(source) : new FormData();
    if (!whole) data.set(source.dataset.suggestName || source.name, source.value);
    const url = withQuery(source.dataset.suggest || source.action || location.href, data);
    if (whole) history.replaceState(null, "", url);
    return { url };
  });
  const soon = later(Number(source.dataset.suggestWait) || 220, ask);
  source.addEventListener("input", (event) => { if (!event.isComposing) soon(); });
  if (whole) source.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
}

// <form data-preview="/address" data-preview-into="id" [data-preview-method="post"]>
for (const form of document.querySelectorAll("form[data-preview]")) {
  const target = document.getElementById(form.dataset.previewInto);
  if (!target) continue;
  const post = form.dataset.previewMethod === "post";
  const ask = asker(target, () => post
    ? { url: form.dataset.preview, method: "POST", body: typed(form) }
    : { url: withQuery(form.dataset.preview, typed(form)) });
  const soon = later(300, ask);
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}

// How many characters are left: seen when few are, said when the writer pauses.
for (const area of document.querySelectorAll("textarea[data-count]")) {
  const count = document.createElement("div");
  count.className = "govuk-hint count";
  count.setAttribute("aria-live", "polite");
  area.after(count);
  const tell = () => {
    // Line breaks are sent as two characters and counted by the house as one, as here.
    const left = Number(area.dataset.count) - [...area.value].length;
    const words = document.getElementById("main").dataset;
    count.textContent = left < 0 ? `${words.over} ${-left}` : left < area.dataset.count * 0.4 ? `${words.left} ${left}` : "";
    count.classList.toggle("count--over", left < 0);
  };
  area.addEventListener("input", later(400, tell));
  tell();
}

// Leaving typed text behind is asked about once. data-typed: the text came back from the server, not saved.
const unsaved = new Set(document.querySelectorAll("form[data-typed]"));
document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (form && form.method === "post" && target.matches("textarea, input:not([type=hidden])")) unsaved.add(form);
});
addEventListener("beforeunload", (event) => { if (unsaved.size) event.preventDefault(); });

// The second press is ignored; the button stays usable for whoever comes back to the page.
const sent = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (Date.now() - (sent.get(form) || 0) < 5000) return event.preventDefault();
  sent.set(form, Date.now());
  unsaved.delete(form);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach((form) => sent.delete(form));
});

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

// A notice is read out when the page opens, unless errors come first.
if (!document.querySelector(".govuk-error-summary")) document.querySelector(".notices")?.focus({ preventScroll: true });
