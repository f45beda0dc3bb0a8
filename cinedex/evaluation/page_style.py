"""The style of the page: by day and by night, wide and narrow."""

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f7f9; --ink: #1c2128;
  --soft: #5d6672; --rule: #d8dde3; --right: #1f6fbf; --wrong: #b9c1ca; --s1: #8fbce8;
  --s2: #3c86d1; --s3: #134a86 }
@media (prefers-color-scheme: dark) { :root { --ground: #14171b; --raised: #1d2127;
  --ink: #e6e9ed; --soft: #9aa4af; --rule: #343b44; --right: #5aa2e8; --wrong: #56606b;
  --s1: #2f6aa8; --s2: #5aa2e8; --s3: #b5d6f7 } }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 60px }
h1 { font-size: 24px; margin: 0 0 6px; overflow-wrap: anywhere }
h2 { font-size: 18px; margin: 34px 0 10px }
h3 { font-size: 15px; margin: 0 0 2px; overflow-wrap: anywhere }
.count, small { color: var(--soft) }
.count { margin: 0 0 4px }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 4px 14px 4px 0; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--rule) }
th { color: var(--soft); font-weight: 500 }
th:first-child, td:first-child { text-align: left }
td svg { vertical-align: middle }
.plots { display: flex; flex-wrap: wrap; gap: 24px; margin-top: 30px }
figure { margin: 0; flex: 1 1 400px }
figcaption { font-weight: 600; margin-bottom: 6px }
svg.plot { width: 100%; height: auto; max-width: 520px }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif }
svg .mid { text-anchor: middle } svg .end { text-anchor: end }
.grid { stroke: var(--rule) } .axis { stroke: var(--soft) }
.line { fill: none; stroke-width: 2 } .line.s1 { stroke: var(--s1) } .line.s2 { stroke: var(--s2) }
.line.s3 { stroke: var(--s3) } .dot.s1 { fill: var(--s1) } .dot.s2 { fill: var(--s2) }
.dot.s3 { fill: var(--s3) }
rect.right { fill: var(--right) } rect.wrong { fill: var(--wrong) }
.interval { fill: var(--right); opacity: 0.45 } .mean { stroke: var(--right); stroke-width: 2 }
.key { display: inline-block; width: 12px; height: 12px; vertical-align: -1px }
.key.right { background: var(--right) } .key.wrong { background: var(--wrong) }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(310px, 1fr)); gap: 16px;
  margin-top: 12px }
article { background: var(--raised); border: 1px solid var(--rule); border-radius: 8px;
  padding: 12px }
.halves { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; margin: 8px 0 }
.half { min-width: 0; overflow-wrap: anywhere }
.half img { width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #000 }
.half img, .none { border-radius: 4px }
.none { padding: 6px; text-align: center; background: var(--rule); color: var(--soft) }
svg.timeline { width: 100%; height: auto }
"""
