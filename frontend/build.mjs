// Builds src/merilo/web/static from scss/, js/ and the pinned packages. Run: npm ci && npm run build
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as sass from "sass";
import { buildSync } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../src/merilo/web/static");
const modules = join(here, "node_modules");
for (const folder of ["css", "js", "fonts", "img"]) mkdirSync(join(out, folder), { recursive: true });

// A map that is not shipped breaks the hashed static storage, so its comment must go.
const bare = (text) => text.replace(/\n?(\/\/[#@]|\/\*[#@]) sourceMappingURL=[^\n]*/g, "");

const style = sass.compile(join(here, "scss/merilo.scss"), {
  style: "compressed",
  loadPaths: [modules],
  quietDeps: true,
});
writeFileSync(join(out, "css/merilo.css"), bare(style.css));

buildSync({
  entryPoints: [join(here, "js/merilo.js")],
  outfile: join(out, "js/merilo.js"),
  bundle: true,
  format: "esm",
  target: "es2020",
  minifySyntax: true,
  charset: "utf8",
  legalComments: "inline",
  nodePaths: [modules],
});
writeFileSync(join(out, "js/merilo.js"), bare(readFileSync(join(out, "js/merilo.js"), "utf8")));

writeFileSync(
  join(out, "js/htmx.min.js"),
  bare(readFileSync(join(modules, "htmx.org/dist/htmx.min.js"), "utf8")),
);
cpSync(join(here, "govuk-frontend.LICENSE.txt"), join(out, "css/govuk-frontend.LICENSE.txt"));
cpSync(join(modules, "htmx.org/LICENSE"), join(out, "js/htmx.LICENSE.txt"));

const font = join(modules, "@fontsource-variable/golos-text");
for (const subset of ["cyrillic", "cyrillic-ext", "latin"]) {
  const name = `golos-text-${subset}-wght-normal.woff2`;
  cpSync(join(font, "files", name), join(out, "fonts", name));
}
cpSync(join(font, "LICENSE"), join(out, "fonts/OFL.txt"));

console.log(`built ${pathToFileURL(out)}: css ${style.css.length} bytes`);
