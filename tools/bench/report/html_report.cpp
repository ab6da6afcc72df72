#include "report/html_report.hpp"

#include "report/format.hpp"
#include "report/html_parts.hpp"
#include "report/joined.hpp"
#include "report/outside_text.hpp"
#include "report/page_style.hpp"
#include "report/run_charts.hpp"
#include "report/thinning.hpp"

namespace turnomatic::bench {
namespace {

// More would not be told apart on a chart that is some hundred pixels wide.
constexpr std::size_t points_max = 300;

std::string head_of(const run_result& run) {
  // The policy makes the browser refuse what an escape that was forgotten would let in.
  return joined(
      {"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       "<meta name=\"color-scheme\" content=\"light dark\">\n"
       "<meta http-equiv=\"Content-Security-Policy\" "
       "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>",
       headline_of(conclusion_of(run.proof)), ": turnomatic-bench, ", utc_text(run.started),
       "</title>\n<style>", page_style(), "</style>\n</head>\n"});
}

std::string time_element(std::chrono::system_clock::time_point when) {
  const std::string text = utc_text(when);
  return joined({"<time datetime=\"", text, "\">", text, "</time>"});
}

std::string thinning_note(std::size_t samples, std::size_t points) {
  if (points == samples || points == 0)
    return {};
  return joined({"Each step covers up to ", grouped((samples + points - 1) / points),
                 " samples; its latencies are the highest among theirs."});
}

std::string charts_of(const run_result& run) {
  const std::vector<sample> samples = thinned(run.samples, points_max);
  const std::string note = thinning_note(run.samples.size(), samples.size());
  return joined({"<div class=\"columns\">\n", figure_element(rate_over_time(samples), note),
                 figure_element(errors_over_time(samples), note),
                 figure_element(latency_over_time(samples), note),
                 figure_element(latency_by_percentile(*run.latencies), ""), "</div>\n",
                 samples_table(samples)});
}

std::string bodies_of(const run_result& run) {
  if (run.faulty_bodies.empty())
    return {};
  std::string out =
      "<section>\n<h2>First bodies without a turn of the id that was asked for</h2>\n";
  for (const std::string& body : run.faulty_bodies)
    out += joined({"<pre>", html_escaped(body), "</pre>\n"});
  return out + "</section>\n";
}

std::string header_of(const run_result& run) {
  return joined({"<header>\n<p class=\"soft\">turnomatic-bench ", html_escaped(run.version), " on ",
                 html_escaped(run.host), ", ", time_element(run.started), "</p>\n</header>\n"});
}

std::string tables_of(const run_result& run) {
  return joined(
      {"<div class=\"columns\">\n", section_element(latency_section(run), "No turn was answered."),
       section_element(load_section(run), ""), section_element(answers_section(run), "No answers."),
       section_element(failures_section(run), ""), "</div>\n",
       section_element(setup_section(run), "")});
}

}  // namespace

std::string render_html(const run_result& run) {
  return joined({head_of(run), "<body>\n", header_of(run), "<main>\n", verdict_banner(run.proof),
                 key_figures(run), section_element(proof_section(run), ""), violations_element(run),
                 bodies_of(run), charts_of(run), tables_of(run), "</main>\n</body>\n</html>\n"});
}

}  // namespace turnomatic::bench
