// Builds partners/static from the theme. Needed only when the theme or the script changes: the results are committed.
import fs from "node:fs";
import crypto from "node:crypto";
import zlib from "node:zlib";
import path from "node:path";
import * as sass from "sass";
import rtlcss from "rtlcss";

const here = path.dirname(new URL(import.meta.url).pathname);
const out = path.join(here, "../partners/static");
const modules = path.join(here, "node_modules");
for (const dir of ["css", "fonts", "js"]) fs.mkdirSync(path.join(out, dir), { recursive: true });

const manifest = {};
function put(name, content) {
  const bytes = Buffer.from(content);
  fs.writeFileSync(path.join(out, name), bytes);
  manifest[name] = crypto.createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  // A gzip header carries no time here, so that the same source gives the same file.
  if (!name.endsWith(".woff2")) fs.writeFileSync(path.join(out, `${name}.gz`), zlib.gzipSync(bytes, { level: 9 }));
  return manifest[name];
}

const fonts = {
  "@fontsource-variable/schibsted-grotesk": {
    "schibsted-grotesk-latin": "schibsted-grotesk-latin-wght-normal",
    "schibsted-grotesk-latin-ext": "schibsted-grotesk-latin-ext-wght-normal",
  },
  "@fontsource-variable/literata": {
    "literata-latin": "literata-latin-wght-normal",
    "literata-latin-ext": "literata-latin-ext-wght-normal",
    "literata-latin-italic": "literata-latin-wght-italic",
  },
  "@fontsource/atkinson-hyperlegible-mono": {
    "atkinson-hyperlegible-mono-latin": "atkinson-hyperlegible-mono-latin-400-normal",
  },
  "@fontsource/ibm-plex-sans-arabic": {
    "ibm-plex-sans-arabic-400": "ibm-plex-sans-arabic-arabic-400-normal",
    "ibm-plex-sans-arabic-700": "ibm-plex-sans-arabic-arabic-700-normal",
  },
};
for (const [pkg, files] of Object.entries(fonts)) {
  for (const [to, from] of Object.entries(files)) {
    put(`fonts/${to}.woff2`, fs.readFileSync(path.join(modules, pkg, "files", `${from}.woff2`)));
  }
  fs.copyFileSync(path.join(modules, pkg, "LICENSE"), path.join(out, `fonts/LICENSE-${pkg.split("/")[1]}.txt`));
}

let css = sass.compile(path.join(here, "theme/partners.scss"), { loadPaths: [modules], style: "compressed", quietDeps: true }).css;
if (/GDS Transport/i.test(css)) throw new Error("the typeface of GOV.UK is named in the style sheet");
css = css.replace(/\.\.\/(fonts\/[\w-]+\.woff2)/g, (_, name) => `../${name}?v=${manifest[name]}`);
put("css/partners.css", css);
put("css/partners.rtl.css", rtlcss.process(css));
fs.copyFileSync(path.join(here, "LICENSE-govuk-frontend.txt"), path.join(out, "css/LICENSE-govuk-frontend.txt"));

const kit = put("js/govuk-frontend.min.js", fs.readFileSync(path.join(modules, "govuk-frontend/dist/govuk/govuk-frontend.min.js"), "utf8").replace(/\n?\/\/# sourceMappingURL=.*$/m, ""));
const script = fs.readFileSync(path.join(here, "script/partners.js"), "utf8");
put("js/partners.js", script.replace("./govuk-frontend.min.js", `./govuk-frontend.min.js?v=${kit}`));
put("js/keys.js", fs.readFileSync(path.join(here, "script/keys.js"), "utf8"));
put("mark.svg", fs.readFileSync(path.join(here, "mark.svg"), "utf8"));

fs.writeFileSync(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 1) + "\n");
console.log(Object.keys(manifest).length, "files,", css.length, "characters of css");
