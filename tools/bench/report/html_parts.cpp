#include "report/html_parts.hpp"

#include "report/format.hpp"
#include "report/joined.hpp"
#include "report/outside_text.hpp"
#include "report/timeline.hpp"
#include "report/violation_view.hpp"

#include <algorithm>
#include <initializer_list>
#include <numeric>

namespace turnomatic::bench {
namespace {

std::string element(std::string_view tag, std::string_view css, std::string_view text) {
  return joined({"<", tag, css.empty() ? "" : " class=\"", css, css.empty() ? "" : "\"", ">",
                 html_escaped(text), "</", tag, ">"});
}

std::string_view sign_of(conclusion what) {
  switch (what) {
    case conclusion::proven:  // a tick in a circle
      return R"(<circle cx="24" cy="24" r="21"/><path d="M14 25l7 7 13-15"/>)";
    case conclusion::violated:  // a cross in an octagon
      return R"(<path d="M15 3h18l12 12v18l-12 12h-18l-12-12v-18z"/><path d="M16 16l16 16M32 16l-16 16"/>)";
    case conclusion::not_proven:
      break;
  }
  // A question mark in a triangle.
  return R"(<path d="M24 4l21 38h-42z"/><path d="M19 22c0-7 10-7 10-1 0 4-5 4-5 8M24 36v.5"/>)";
}

std::string figure_tile(std::string_view name, std::string_view value, bool bad = false) {
  return joined(
      {"<div>", element("dt", "", name), element("dd", bad ? "bad" : "", value), "</div>\n"});
}

std::string heading_row(std::initializer_list<std::string_view> numbers,
                        std::string_view text = {}) {
  std::string out = "<thead><tr>";
  for (const std::string_view name : numbers)
    out += joined({"<th scope=\"col\" class=\"number\">", html_escaped(name), "</th>"});
  if (!text.empty())
    out += joined({"<th scope=\"col\">", html_escaped(text), "</th>"});
  return out + "</tr></thead>\n";
}

// A region that scrolls can be reached by the keyboard, and so needs a name.
std::string scrolling(std::string_view name, std::string_view table_css, std::string_view content) {
  return joined({"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"",
                 html_escaped(name), "\">\n<table class=\"", table_css, "\">\n", content,
                 "</table>\n</div>\n"});
}

std::string requests_table(const violation_view& what) {
  std::string out = heading_row({"turn", "sent, ms", "received, ms", "connection"}, "target");
  out += "<tbody>\n";
  for (const request_view& each : what.requests) {
    out += joined({"<tr>", element("td", "number", each.turn),
                   element("td", "number", each.sent_ms), element("td", "number", each.received_ms),
                   element("td", "number", each.connection), "<td>", html_escaped(each.target),
                   each.retried ? " (sent again under its key)" : "", "</td></tr>\n"});
  }
  return scrolling("The requests of this violation", "wide", out + "</tbody>\n");
}

std::string violation_element(const finding& what, const run_result& run, std::size_t number) {
  const violation_view view = view_of(what, run);
  const std::string place = std::to_string(number);
  const std::string title = joined({place, ". ", view.kind, ", id ", view.id});
  const bool shown = !view.requests.empty();
  return joined({number == 1 ? "<details open>\n" : "<details>\n", "<summary>",
                 element("h3", "", title), element("span", "soft", view.sentence), "</summary>\n",
                 shown ? render_timeline(what, joined({"violation-", place})) : "",
                 shown ? requests_table(view) : "", "</details>\n"});
}

// The note stands with the label: a third column would be too narrow on a phone.
std::string row_element(const row& what, bool numeric) {
  const std::string_view css = numeric ? what.violation ? "number bad" : "number" : "";
  return joined({"<tr><th scope=\"row\"", what.violation ? " class=\"bad\"" : "", ">",
                 html_escaped(what.label), what.note.empty() ? "" : " ",
                 what.note.empty() ? "" : element("span", "note", what.note), "</th>",
                 element("td", css, joined({what.violation ? "! " : "", what.value})), "</tr>\n"});
}

}  // namespace

std::string verdict_banner(const verdict& proof) {
  const conclusion what = conclusion_of(proof);
  const std::string_view css = what == conclusion::not_proven ? "not-proven" : name_of(what);
  const std::string_view link = "<p><a href=\"#violations\">The first violations in full</a></p>\n";
  return joined({"<section class=\"verdict ", css,
                 "\">\n<svg class=\"icon\" viewBox=\"0 0 48 48\" aria-hidden=\"true\">",
                 sign_of(what), "</svg>\n<div>\n", element("h1", "", headline_of(what)), "\n",
                 element("p", "", sentence_about(proof)), "\n", proof.findings.empty() ? "" : link,
                 "</div>\n</section>\n"});
}

std::string key_figures(const run_result& run) {
  const std::uint64_t failed =
      std::accumulate(run.failures.begin(), run.failures.end(), std::uint64_t{0});
  const auto latency = [&](double fraction) {
    return run.turns() == 0 ? "n/a" : duration_text(run.latencies->quantile(fraction));
  };
  return joined(
      {"<section>\n<h2>Key figures</h2>\n<dl class=\"figures\">\n",
       figure_tile("turns per second", rounded(turns_per_second(run))),
       figure_tile("latency p50", latency(0.5)), figure_tile("latency p99", latency(0.99)),
       figure_tile("latency max", latency(1)), figure_tile("turns", grouped(run.turns())),
       figure_tile("violations", grouped(run.proof.violations()), run.proof.violations() != 0),
       figure_tile("unknown outcomes", grouped(run.proof.unknown_outcomes)),
       figure_tile("failures", grouped(failed)), "</dl>\n</section>\n"});
}

std::string section_element(const section& what, std::string_view if_empty) {
  std::string rows = "<tbody>\n";
  for (const row& each : what.rows)
    rows += row_element(each, what.numeric);
  rows += "</tbody>\n";
  return joined(
      {"<section>\n", element("h2", "", what.title), "\n",
       what.rows.empty() ? element("p", "soft", if_empty) : scrolling(what.title, "rows", rows),
       "</section>\n"});
}

std::string figure_element(const chart& what, std::string_view caption) {
  const std::string heading = element("h2", "", what.title);
  const bool empty = std::all_of(what.lines.begin(), what.lines.end(),
                                 [](const series& line) { return line.points.empty(); });
  if (empty)
    return joined({"<section>\n", heading, "\n<p class=\"soft\">No data.</p>\n</section>\n"});
  return joined({"<section>\n", heading, "\n<figure>\n", render_legend(what), render_svg(what),
                 caption.empty() ? "" : element("figcaption", "", caption),
                 "</figure>\n</section>\n"});
}

std::string samples_table(std::span<const sample> samples) {
  if (samples.empty())
    return {};
  std::string out =
      heading_row({"until, s", "length, s", "turns", "refused", "failed", "p50", "p99", "max"});
  out += "<tbody>\n";
  for (const sample& each : samples) {
    out += "<tr>";
    for (const std::string& text :
         {decimal(each.at.count(), 1), decimal(each.length.count(), 1), grouped(each.turns),
          grouped(each.refused), grouped(each.failed), duration_text(each.p50),
          duration_text(each.p99), duration_text(each.max)})
      out += element("td", "number", text);
    out += "</tr>\n";
  }
  out += "</tbody>\n";
  return joined({"<details>\n<summary>The charts over time as a table</summary>\n",
                 scrolling("The charts over time as a table", "wide", out), "</details>\n"});
}

std::string violations_element(const run_result& run) {
  if (run.proof.findings.empty())
    return {};
  std::string out =
      "<section id=\"violations\">\n<h2>First violations in full</h2>\n"
      "<p class=\"soft\">Times count from the earliest of each violation.</p>\n";
  std::size_t number = 0;
  for (const finding& each : run.proof.findings)
    out += violation_element(each, run, ++number);
  return out + "</section>\n";
}

}  // namespace turnomatic::bench
