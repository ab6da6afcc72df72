#include "report/page_style.hpp"

namespace turnomatic::bench {
namespace {

// Each pair of text and ground has a contrast of at least 4.5 (WCAG 2.2, AA), each line of a
// chart at least 3, in both schemes. Charts grow with their width, and their text would grow
// with them: where they are wider than on a phone it begins smaller.
constexpr std::string_view style = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f8fa; --text: #1f2328; --soft: #59636e; --rule: #d1d9e0;
  --first: #0969da; --second: #bc4c00; --third: #8250df; --bad: #b3202a;
  --proven: #1a7f37; --violated: #b3202a; --not-proven: #8a5a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #161b22; --text: #f0f6fc; --soft: #9da5ae; --rule: #3d444d;
    --first: #58a6ff; --second: #f0883e; --third: #c297ff; --bad: #ff8e86;
    --proven: #1a7f37; --violated: #b3202a; --not-proven: #8a5a00;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; padding: 1rem; max-width: 70rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word;
}
h1, h2, h3, p, dl, ul, figure { margin: 0 }
h2 { margin: 2rem 0 .5rem; font-size: 1.25rem }
h3 { font-size: 1rem }
a { color: inherit }
.soft, .note, figcaption { color: var(--soft) }
.verdict {
  display: flex; gap: 1rem; align-items: center; margin: .75rem 0; padding: 1rem 1.25rem;
  border-radius: .5rem; color: #ffffff;
}
.verdict div { min-width: 0 }
.verdict h1 { font-size: clamp(1.5rem, 8vw, 2rem); line-height: 1.2; letter-spacing: .02em }
.verdict p { font-size: 1.0625rem }
.verdict .icon {
  flex: none; width: clamp(2.5rem, 14vw, 3.5rem); fill: none; stroke: currentColor; stroke-width: 4;
  stroke-linecap: round; stroke-linejoin: round;
}
.verdict.proven { background: var(--proven) }
.verdict.violated { background: var(--violated) }
.verdict.not-proven { background: var(--not-proven) }
.figures { display: grid; gap: .75rem; grid-template-columns: repeat(2, minmax(0, 1fr)) }
.figures div { padding: .75rem 1rem; border-radius: .5rem; background: var(--card) }
.figures dt { color: var(--soft) }
.figures dd {
  margin: 0; font-size: clamp(1.125rem, 5vw, 1.5rem); line-height: 1.3; font-weight: 600;
}
.bad { color: var(--bad); font-weight: 700 }
.columns {
  display: grid; gap: 0 2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
}
.columns > * { min-width: 0 }
.scroll { overflow-x: auto; overscroll-behavior-x: contain }
table { border-collapse: collapse; width: 100% }
.rows { max-width: 46rem }
.rows .number { width: 1% }
.rows .note { display: block }
.bad .note { font-weight: 400 }
th, td {
  padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); text-align: left;
  vertical-align: baseline;
}
th { font-weight: 400 }
th.bad { font-weight: 700 }
.number + td, .number + th:not(.number) { padding-left: .5rem }
th:last-child, td:last-child { padding-right: 0 }
thead th { color: var(--soft); white-space: nowrap }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.wide td, .wide th { white-space: nowrap }
time { white-space: nowrap }
details { margin: .75rem 0; padding: .5rem .75rem; border-radius: .5rem; background: var(--card) }
summary { padding: .25rem 0; cursor: pointer }
summary h3 { display: inline; margin-right: .5rem; font-weight: 600 }
details > * + * { margin-top: .5rem }
pre {
  margin: .5rem 0; padding: .5rem 1rem; border-radius: .5rem; background: var(--card);
  white-space: pre-wrap; overflow-wrap: anywhere;
}
.chart { display: block; width: 100%; max-width: 36rem; height: auto; overflow: visible }
details .chart { max-width: 26rem }
.chart text {
  fill: var(--soft); font: 16px system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
.chart .grid { stroke: var(--rule); stroke-width: 1 }
.chart .base { stroke: var(--soft); stroke-width: 1 }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round }
.line.first { stroke: var(--first) }
.line.second { stroke: var(--second); stroke-dasharray: 7 4 }
.line.third { stroke: var(--third); stroke-dasharray: 1 4 }
.area { fill: var(--first); opacity: .15 }
.bar.first { fill: var(--first) }
.bar.second { fill: var(--second) }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem; padding: 0; list-style: none }
.swatch { width: 2.25rem; height: .75rem }
@media (min-width: 30rem) { .chart text { font-size: 12.5px } }
@media (min-width: 40rem) {
  .figures { grid-template-columns: repeat(4, minmax(0, 1fr)) }
  .rows .note { display: inline; margin-left: .75rem }
}
@media print { body { max-width: none } section, figure, details { break-inside: avoid } }
)css";

}  // namespace

std::string_view page_style() noexcept {
  return style;
}

}  // namespace turnomatic::bench
