/** The page's only style sheet. Colours keep a contrast of at least 4.5 : 1 in light and in dark. */
export const style = `
:root { color-scheme: light dark;
  --ground: light-dark(#fbfaf8, #16181c); --card: light-dark(#ffffff, #1e2126); --line: light-dark(#e3dfd8, #33373e);
  --ink: light-dark(#22252b, #e7e5e0); --quiet: light-dark(#5f636b, #a2a6ae); --accent: light-dark(#8a3b12, #f0a878);
  --get: light-dark(#12633f, #7fd6a8); --post: light-dark(#1c4f9c, #93bcf7); --put: light-dark(#7a4b00, #eabf6c);
  --delete: light-dark(#a3202c, #f59aa1); --patch: light-dark(#6a2f8f, #cfa6ee) }
* { box-sizing: border-box }
html { scroll-padding-top: 1rem }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif }
code, .path { font-family: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace; font-size: .92em }
a { color: var(--accent); text-underline-offset: .2em }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px }
.skip { position: absolute; left: -100vw } .skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 1 }
.frame { display: grid; grid-template-columns: 17rem minmax(0, 1fr); max-width: 82rem; margin: 0 auto }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto; padding: 2rem 1rem 2rem 1.5rem; font-size: .92rem }
nav h2 { font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--quiet); margin: 1.4rem 0 .3rem }
nav ul { list-style: none; margin: 0; padding: 0 }
nav a { display: block; padding: .15rem .5rem; border-radius: 5px; color: inherit; text-decoration: none; overflow-wrap: anywhere }
nav a:hover { background: var(--line) }
main { padding: 2.2rem 2rem 6rem; border-left: 1px solid var(--line); min-height: 100vh }
h1, h2 { overflow-wrap: anywhere }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 }
.about { color: var(--quiet); margin: .4rem 0 1.4rem }
.filter { display: flex; gap: .75rem; align-items: center; margin-bottom: 1.5rem } .filter[hidden] { display: none }
.filter input { flex: 1; max-width: 30rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet); border-radius: 8px; padding: .5rem .8rem }
.filter output { color: var(--quiet); font-size: .9rem }
section > h2 { margin: 2.2rem 0 .7rem; font-size: 1.25rem }
section > h2 small { font-weight: 400; font-size: .85rem; color: var(--quiet); margin-left: .5rem }
.operation { background: var(--card); border: 1px solid var(--line); border-radius: 9px; margin-bottom: .5rem }
.operation[open] { box-shadow: 0 2px 14px light-dark(#0000000f, #00000050) }
summary { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline; padding: .6rem .9rem; cursor: pointer; list-style: none }
summary::-webkit-details-marker { display: none }
.operation[open] > summary { border-bottom: 1px solid var(--line) }
.method { font-weight: 700; font-size: .78rem; letter-spacing: .04em; min-width: 3.9rem }
.get { color: var(--get) } .post { color: var(--post) } .put { color: var(--put) } .delete { color: var(--delete) } .patch { color: var(--patch) }
.path { font-weight: 600; overflow-wrap: anywhere }
.name { color: var(--quiet); font-size: .92rem }
.access { margin-left: auto; color: var(--quiet); font-size: .8rem; border: 1px solid var(--line); border-radius: 99px; padding: .05rem .6rem }
.body { padding: .3rem 1.1rem 1.1rem }
.lead { margin: .7rem 0 .3rem; font-size: 1.03rem }
.facts, .none { color: var(--quiet); font-size: .9rem; margin: .5rem 0 }
h4 { margin: 1.3rem 0 .4rem; font-size: .98rem }
h5 { margin: .6rem 0 .2rem; font-size: .92rem; color: var(--delete) }
.status { font-weight: 400; font-size: .85rem; color: var(--quiet); margin-left: .3rem }
.shape { margin: .3rem 0 } .refusal { margin-left: .1rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
thead th { text-align: left; color: var(--quiet); font-weight: 500; font-size: .8rem }
th, td { padding: .32rem .9rem .32rem 0; border-bottom: 1px solid var(--line); vertical-align: top; text-align: left }
tbody tr:last-child > * { border-bottom: 0 }
tbody th { font-weight: 600; white-space: nowrap }
.choice th { font-weight: 400; font-style: italic; color: var(--quiet) }
.optional { font-weight: 400; font-size: .78rem; color: var(--quiet) }
.place { color: var(--quiet) } .type { overflow-wrap: anywhere; min-width: 9rem }
${[1, 2, 3, 4, 5, 6].map((depth) => `.depth-${depth} > th { padding-left: ${depth * 1.3}rem }`).join("\n")}
@media (max-width: 52rem) { .frame { display: block } nav { position: static; max-height: none; padding: 1.2rem 1.2rem 0 } nav ul, nav h2 { display: none }
  main { border-left: 0; padding: 1rem 1rem 4rem } .access { margin-left: 0 } }
@media print { nav, .filter { display: none } }
`
