"""The one style sheet of all reports: light, dark, paper, and any width from a telephone to a wide screen.

It stands inside the page and asks for nothing from outside. Colour repeats what a word or a shape says already.
"""

from __future__ import annotations

SHEET = """
:root {
  color-scheme: light dark;
  --paper: #fdfcf9; --faint: #f4f1ea; --rule: #dad5ca; --ink: #1d1c1a; --quiet: #655f55;
  --pass: #17693d; --fail: #b3261e; --caution: #8a5300; --grey: #6b6964; --line: #2f4d72;
  --removed: #fbe2de; --added: #d9eee0; --cautious: #fbf0d9; --simulated: #5b2a86; --simulated-tint: #f0e9f6;
  --on-mark: #ffffff;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) { :root {
  --paper: #17181b; --faint: #1f2125; --rule: #393b41; --ink: #e9e6e0; --quiet: #a8a39a;
  --pass: #6fc597; --fail: #ff8f84; --caution: #e6b761; --grey: #a09d97; --line: #a3c0e4;
  --removed: #4d2622; --added: #1f402d; --cautious: #3b3018; --simulated: #c39ae8; --simulated-tint: #2a2233;
  --on-mark: #17181b;
} }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 "Segoe UI", system-ui, -apple-system, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums lining-nums; overflow-wrap: break-word; }
.sheet { max-width: 1080px; margin: 0 auto; padding: 28px 32px 48px; }
h1, h2, .word { font-family: Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, "Noto Serif", serif;
  font-weight: 600; line-height: 1.2; text-wrap: balance; }
h2 { font-size: 23px; margin: 0 0 4px; }
h3 { font-size: 13px; letter-spacing: .06em; text-transform: uppercase; color: var(--quiet); margin: 28px 0 8px;
  font-weight: 600; }
p { margin: 0 0 10px; max-width: 72ch; }
.lead { color: var(--quiet); }
a { color: inherit; text-underline-offset: 3px; text-decoration-color: var(--rule); }
code, .digest, .path { font-family: var(--mono); font-size: .86em; font-variant-ligatures: none; }
.digest, .path, code { overflow-wrap: anywhere; } .digest.slim { overflow-wrap: normal; }
.subject { color: var(--quiet); font-size: .93em; overflow-wrap: anywhere; margin-left: 6px; }
small { font-size: .86em; color: var(--quiet); }
bdi.breakable { overflow-wrap: anywhere; }

.masthead { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 24px; padding-bottom: 10px;
  border-bottom: 1px solid var(--ink); font-size: 13px; }
.masthead b { letter-spacing: .2em; font-weight: 650; }
.banner { margin: 14px 0 0; padding: 10px 18px 12px; border: 3px solid var(--simulated); color: var(--simulated);
  background: repeating-linear-gradient(135deg, transparent 0 12px, var(--simulated-tint) 12px 24px); }
.banner b { display: block; font-size: 19px; letter-spacing: .12em; }
.notice { margin: 18px 0 0; padding: 10px 16px; border-left: 4px solid var(--caution); background: var(--cautious); }
.contents { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 26px 0 0; padding: 9px 0; font-size: 14px;
  border-top: 1px solid var(--rule); border-bottom: 1px solid var(--rule); }
section { margin-top: 44px; }

.headline { display: grid; grid-template-columns: auto 1fr; gap: 0 24px; align-items: center; margin: 30px 0 0; }
.headline .sign { width: 84px; height: 84px; }
.headline h1 { margin: 0; font-size: 21px; font-weight: 500; }
.headline .word { display: block; font-size: 52px; letter-spacing: -.01em; font-weight: 650; line-height: 1.1; }
.titled { margin: 30px 0 0; }
.titled h1 { margin: 0 0 12px; font-size: 38px; letter-spacing: -.01em; }
.titled p { font-size: 18px; line-height: 1.5; max-width: 68ch; }
.is-pass { color: var(--pass); } .is-fail { color: var(--fail); } .is-incomplete { color: var(--caution); }
.is-not-checked { color: var(--grey); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); margin: 28px 0 0;
  border-top: 1px solid var(--rule); column-gap: 28px; }
.facts div { border-bottom: 1px solid var(--rule); padding: 9px 0; }
dt { font-size: 12px; color: var(--quiet); letter-spacing: .02em; }
dd { margin: 1px 0 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 8px 44px; }
.columns ul { margin: 0; padding: 0; list-style: none; }
.columns li { position: relative; padding: 7px 0 7px 24px; border-top: 1px solid var(--rule); max-width: 64ch; }
.columns li svg { position: absolute; left: 0; top: 12px; }

svg { display: block; overflow: visible; }
.sign { flex: none; width: 14px; height: 14px; }
.sign .solid { fill: currentColor; }
.sign .cut-out { fill: none; stroke: var(--on-mark); stroke-width: 9; stroke-linecap: square; }
.sign .hollow { fill: none; stroke: currentColor; stroke-width: 7; stroke-dasharray: 13 9; }
.sign .dash { fill: none; stroke: currentColor; stroke-width: 8; }
.result { display: inline-flex; gap: 7px; align-items: center; font-size: 12.5px; font-weight: 650;
  letter-spacing: .04em;
  white-space: nowrap; }
.tag { display: inline-block; padding: 0 6px; border: 1px solid currentColor; border-radius: 3px; font-size: 12px;
  line-height: 1.5; color: var(--quiet); max-width: 100%; overflow-wrap: anywhere; }
.tag.unknown { border-style: dashed; color: var(--caution); font-weight: 650; letter-spacing: .04em; }
.code { display: inline-block; padding: 0 3px; margin: 0 1px; border: 1px solid var(--caution); border-radius: 2px;
  color: var(--caution); background: var(--cautious);
  font: 600 .72em/1.35 var(--mono);
  letter-spacing: 0; text-transform: none; vertical-align: 1px; white-space: nowrap; }
.cut { color: var(--caution); font-weight: 700; }
.full { max-height: 22em; overflow: auto; margin: 6px 0; padding: 8px 10px; background: var(--faint);
  border: 1px solid var(--rule); white-space: pre-wrap; overflow-wrap: anywhere; font-size: .9em; }
details > summary { cursor: pointer; }
details.more > summary { color: var(--quiet); font-size: 13.5px; padding: 6px 0; }

.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; margin: 6px 0 0; }
caption { text-align: left; color: var(--quiet); font-size: 13.5px; padding: 0 0 6px; }
th, td { text-align: left; vertical-align: top; padding: 6px 16px 6px 0; border-bottom: 1px solid var(--rule);
  font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: 12px; color: var(--quiet); border-bottom-color: var(--ink); vertical-align: bottom;
  padding-top: 0; }
.number { text-align: right; white-space: nowrap; }
.slim { width: 1%; white-space: nowrap; }
.zero { color: var(--quiet); }
td p, td ul { margin: 2px 0 0; } td small { display: block; }
tr.is-row-fail > * { background: var(--removed); }
tr.is-row-fail > :first-child { box-shadow: inset 4px 0 0 var(--fail); padding-left: 14px; }
tr.is-row-not-checked > * { color: var(--quiet); }

.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(228px, 1fr)); gap: 26px 28px;
  margin: 18px 0 0; }
figure { margin: 0; break-inside: avoid; min-width: 0; }
.charts figure { max-width: 330px; }
figcaption { display: flex; justify-content: space-between; gap: 10px; font-size: 13.5px; margin-bottom: 4px; }
figcaption b { font-weight: 650; min-width: 0; overflow-wrap: anywhere; }
.under { font-size: 12px; color: var(--quiet); margin-top: 2px; }
.chart { width: 100%; height: auto; }
.chart text { font-size: 10px; fill: var(--quiet); }
.chart .axis { stroke: var(--ink); stroke-width: 1; } .chart .grid { stroke: var(--rule); stroke-width: 1; }
.chart .course { fill: none; stroke: var(--line); stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.chart .ground { fill: var(--line); opacity: .1; }
.chart .point { fill: var(--line); } .chart .partial { fill: var(--paper); stroke: var(--line); stroke-width: 1.5; }
.chart .last { fill: var(--line); stroke: var(--paper); stroke-width: 1.5; }
.chart .extreme { fill: none; stroke: var(--ink); stroke-width: 1.2; }
.hatch { stroke: var(--grey); stroke-width: 1.4; } .hatching { position: absolute; width: 0; height: 0; }
.chart .break { stroke: var(--grey); stroke-width: .8; stroke-dasharray: 3 2; fill: url(#hatch); }
.bar { width: 100%; min-width: 60px; height: 12px; }
.bar .full-bundle { fill: var(--line); } .bar .delta-bundle { fill: var(--line); opacity: .5; }
.bar .rest { fill: var(--faint); }
.bar .is-added { fill: var(--pass); } .bar .is-removed { fill: var(--fail); } .bar .is-changed { fill: var(--line); }
.bar .is-unknown { fill: url(#hatch); stroke: var(--grey); stroke-width: .5; vector-effect: non-scaling-stroke; }
.bar.key { display: inline-block; width: 12px; min-width: 0; margin: 0 6px 0 0; vertical-align: -1px; }
td .bar { margin-top: 5px; } .key-entry { display: inline-block; margin-right: 20px; }

h3.collection { font-size: 17px; color: var(--ink); letter-spacing: 0; text-transform: none; margin-top: 34px; }
h3.collection small { font-weight: 400; margin-left: 8px; }
.object { margin: 0 0 -1px; padding: 14px 0 12px; border-top: 1px solid var(--rule); }
.object header { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; break-after: avoid; }
.object header > :nth-child(2) { font-weight: 650; min-width: 0; }
.change { font-size: 12.5px; font-weight: 650; letter-spacing: .03em; white-space: nowrap; }
.change.added { color: var(--pass); } .change.removed { color: var(--fail); } .change.changed { color: var(--line); }
.object .where { font-size: 13.5px; color: var(--quiet); }
.compared { table-layout: fixed; font-size: 14px; } .compared th:first-child { width: 27%; }
td .zero { text-align: left; }
.compared td, .compared tbody th { padding: 5px 14px 5px 0; }
.compared .value { font-family: var(--mono); font-size: 12.5px;
  overflow-wrap: anywhere; white-space: pre-wrap; }
del, ins { text-decoration-thickness: 2px; text-underline-offset: 3px; padding: 0 1px; border-radius: 2px; }
del { background: var(--removed); text-decoration: underline dotted var(--fail) 2px; }
ins { background: var(--added); text-decoration: underline solid var(--pass) 2px; }
.absent { color: var(--quiet); font-style: italic; font-family: inherit; }
.links { margin: 8px 0 0; padding: 0; list-style: none; font-size: 14px; }
.links li { padding: 3px 0; }
.value .links { margin: 4px 0 0; font-size: inherit; } .value .links li { padding: 0; }

.colophon { margin-top: 56px; padding-top: 12px; border-top: 1px solid var(--ink); font-size: 12.5px;
  color: var(--quiet); }
.colophon p { max-width: none; margin: 0 0 6px; }

@media (max-width: 640px) {
  .sheet { padding: 16px 16px 32px; }
  .headline { gap: 0 16px; align-items: start; } .headline .sign { width: 52px; height: 52px; }
  .headline h1 { font-size: 18px; } .headline .word { font-size: 38px; }
  .titled h1 { font-size: 29px; } .titled p { font-size: 16.5px; }
  .facts { grid-template-columns: 1fr; }
  th, td { padding-right: 10px; } table { font-size: 13.5px; } thead .number { white-space: normal; }
  td bdi, th bdi { overflow-wrap: anywhere; } .subject { margin-left: 0; }
  .compared thead { position: absolute; left: -9999px; }
  .compared, .compared tbody, .compared tr, .compared th, .compared td { display: block; width: auto !important; }
  .compared tr { border-bottom: 1px solid var(--rule); padding: 6px 0; }
  .compared th, .compared td { border: 0; padding: 1px 0; }
  .compared td.was::before { content: "before  "; } .compared td.is::before { content: "after  "; }
  .compared td::before { color: var(--quiet); font-family: inherit; }
  .roomy { display: none; }
}
@media print {
  :root { color-scheme: light; --paper: #ffffff; --faint: #f4f2ed; --rule: #c9c4b8; --ink: #000000; --quiet: #4d4943;
    --pass: #17693d; --fail: #b3261e; --caution: #7a4a00; --grey: #5f5d58; --line: #2f4d72; --on-mark: #ffffff;
    --removed: #fbe2de; --added: #d9eee0; --cautious: #fbf0d9; --simulated: #5b2a86;
    --simulated-tint: #f0e9f6; }
  @page { size: A4; margin: 16mm 15mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 10.5pt; } .sheet { max-width: none; padding: 0; }
  section { margin-top: 26px; } h2, h3 { break-after: avoid; } tr, li, p, dt, .banner { break-inside: avoid; }
  .lead, caption { break-after: avoid; }
  .contents { display: none; } .wide { overflow: visible; } .full { max-height: none; }
  thead { display: table-header-group; }
  details.more::details-content { content-visibility: visible; block-size: auto; }
  .charts { grid-template-columns: repeat(3, 1fr); }
}
"""
