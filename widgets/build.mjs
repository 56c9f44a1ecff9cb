// Bundles each of src/views into one ES module and one style sheet beside the Python package.
// One a view, since every widget carries its own copy of its module.
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, context } from "esbuild";

const outdir = "zstore_widgets/static";
const views = readdirSync("src/views").map((file) => file.replace(/\.ts$/, ""));
const watching = process.argv.includes("--watch");

const options = {
  entryPoints: views.map((name) => `src/views/${name}.ts`),
  outdir,
  bundle: true,
  // anywidget imports the module from a blob: URL, where no second chunk can be found.
  format: "esm",
  splitting: false,
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  minify: !watching,
  sourcemap: watching ? "inline" : false,
  // A library that looks for AMD must not find the loader of the page.
  define: { "define.amd": "false" },
  legalComments: "eof",
};

const kilobytes = (nbytes) => `${(nbytes / 1000).toFixed(1)} kB`;

mkdirSync(outdir, { recursive: true });
if (watching) {
  await (await context(options)).watch();
} else {
  await build(options);
  for (const name of views.flatMap((view) => [`${view}.js`, `${view}.css`])) {
    const bytes = readFileSync(`${outdir}/${name}`);
    console.log(
      `${name} ${kilobytes(bytes.length)}, gzip ${kilobytes(gzipSync(bytes).length)}`,
    );
  }
}
