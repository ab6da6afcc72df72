#include "report/html_report.hpp"

#include "unit/bench/example_runs.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// What stands between < and >, in the order of the page. Not a regular expression: those of the
/// standard library recurse for each character of a path.
std::vector<std::string> tags_of(const std::string& page) {
  std::vector<std::string> tags;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1))
    tags.push_back(page.substr(at + 1, page.find('>', at) - at - 1));
  return tags;
}

/// What is wrong with the tags; empty if nothing is.
std::string nesting_fault(const std::string& page) {
  static const std::set<std::string> empty_elements{"!DOCTYPE", "meta"};
  std::vector<std::string> open;
  for (const std::string& tag : tags_of(page)) {
    const bool closes = tag.starts_with('/');
    const std::string name = tag.substr(closes ? 1 : 0, tag.find(' '));
    if (name.empty() || name.find('<') != std::string::npos || name.starts_with(' '))
      return "a < that begins no tag";
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0)
      return "a quote that does not end: " + tag;
    if (!closes && !tag.ends_with('/') && !empty_elements.contains(name))
      open.push_back(name);
    if (closes && (open.empty() || open.back() != name))
      return "</" + name + "> closes " + (open.empty() ? "nothing" : "<" + open.back() + ">");
    if (closes)
      open.pop_back();
  }
  return open.empty() ? "" : "<" + open.back() + "> stays open";
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex expression{pattern};
  std::set<std::string> found;
  for (std::sregex_iterator each{text.begin(), text.end(), expression}, end; each != end; ++each)
    found.insert((*each)[1]);
  return found;
}

TEST(html_report, says_the_verdict_first_and_in_the_title) {
  struct row {
    const char* word;
    run_result run;
  };
  std::vector<row> rows;
  rows.push_back({"PROVEN", proven_run()});
  rows.push_back({"VIOLATED", violated_run()});
  rows.push_back({"NOTHING PROVEN", unanswered_run()});
  for (const auto& [word, run] : rows) {
    const std::string page = render_html(run);
    EXPECT_THAT(page, HasSubstr("<title>" + std::string{word} + ": turnomatic-bench, 2026-09-21"));
    const std::size_t verdict = page.find("<h1>" + std::string{word} + "</h1>");
    ASSERT_NE(verdict, std::string::npos) << word;
    EXPECT_LT(verdict, page.find("<h2>")) << word;
  }
}

TEST(html_report, is_well_formed_whatever_the_run) {
  EXPECT_EQ(nesting_fault(render_html(proven_run())), "");
  EXPECT_EQ(nesting_fault(render_html(violated_run())), "");
  EXPECT_EQ(nesting_fault(render_html(unanswered_run())), "");
  EXPECT_NE(nesting_fault("<!DOCTYPE html><p><b></p></b>"), "");
  EXPECT_NE(nesting_fault("<!DOCTYPE html><p>1 < 2</p>"), "");
  EXPECT_NE(nesting_fault("<!DOCTYPE html><p class=\"a>b</p>"), "");
  EXPECT_NE(nesting_fault("<!DOCTYPE html><p>"), "");
}

TEST(html_report, loads_nothing) {
  const std::string page = render_html(violated_run());
  for (const char* loader : {" src=", "@import", "url(", "<script", "<link", "<img", "<iframe",
                             "http-equiv=\"refresh\"", " onclick", "javascript:"}) {
    EXPECT_THAT(page, Not(HasSubstr(loader)));
  }
  EXPECT_THAT(matches(page, R"re(href="([^"]*)")re"), testing::ElementsAre("#violations"));
  EXPECT_THAT(page, HasSubstr("content=\"default-src 'none'; style-src 'unsafe-inline'\""));
}

TEST(html_report, escapes_all_that_came_from_outside) {
  const std::string page = render_html(violated_run());
  EXPECT_THAT(page, Not(HasSubstr("alert('x')")));
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
  const std::string harmless =
      "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\\x1b[2J\\xff";
  EXPECT_THAT(page, HasSubstr(", id " + harmless + "</h3>"));
  EXPECT_THAT(page, HasSubstr("<td>" + harmless + "</td>"));
  EXPECT_THAT(page, HasSubstr("<pre>" + harmless + "</pre>"));
  EXPECT_THAT(page, HasSubstr(" on " + harmless + ", <time"));
}

TEST(html_report, suits_a_phone_a_dark_scheme_and_a_screen_reader) {
  const std::string page = render_html(violated_run());
  EXPECT_THAT(page, HasSubstr("<html lang=\"en\">"));
  EXPECT_THAT(page, HasSubstr("content=\"width=device-width, initial-scale=1\""));
  EXPECT_THAT(page, HasSubstr("@media (prefers-color-scheme: dark)"));
  const std::set<std::string> pictures = matches(page, R"re((<svg [^>]*>))re");
  EXPECT_GT(pictures.size(), 5U);
  for (const std::string& picture : pictures) {
    EXPECT_TRUE(picture.find("aria-labelledby=") != std::string::npos ||
                picture.find("aria-hidden=\"true\"") != std::string::npos)
        << picture;
  }
}

TEST(html_report, gives_each_id_once_and_refers_to_no_other) {
  const std::string page = render_html(violated_run());
  static const std::regex id{R"re( id="([^"]*)")re"};
  const auto count = std::distance(std::sregex_iterator{page.begin(), page.end(), id}, {});
  const std::set<std::string> ids = matches(page, R"re( id="([^"]*)")re");
  EXPECT_EQ(static_cast<std::size_t>(count), ids.size());
  for (const std::string& each : matches(page, R"re(aria-labelledby="([^" ]+) )re"))
    EXPECT_TRUE(ids.contains(each)) << each;
}

TEST(html_report, shows_key_figures_tables_and_all_charts) {
  const std::string page = render_html(proven_run());
  for (const char* part :
       {"<dt>turns per second</dt><dd>1,000</dd>", "<dt>latency p50</dt><dd>812 µs</dd>",
        "<dt>violations</dt><dd>0</dd>", "<h2>Turns per second over time</h2>",
        "<h2>Errors per second over time</h2>", "<h2>Latency over time</h2>",
        "<h2>Latency by percentile</h2>", "<h2>Set-up</h2>", "<td>http://127.0.0.1:7017</td>"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(html_report, shows_each_violation_in_full) {
  const std::string page = render_html(violated_run());
  EXPECT_THAT(page, HasSubstr("<dt>violations</dt><dd class=\"bad\">8</dd>"));
  EXPECT_THAT(page, HasSubstr("<td class=\"number bad\">! 2</td>"));
  for (const char* kind : {"1. duplicate", "2. duplicate", "3. inversion", "4. connection order",
                           "5. gap", "6. wrong id", "7. malformed"}) {
    EXPECT_THAT(page, HasSubstr("<h3>" + std::string{kind} + ", id "));
  }
  EXPECT_THAT(page, HasSubstr("had been answered, 1.234 ms later"));
  EXPECT_THAT(page, HasSubstr("<td class=\"number\">1.212</td>"));
}

TEST(html_report, says_so_when_there_is_nothing_to_draw) {
  const std::string page = render_html(unanswered_run());
  EXPECT_THAT(page, HasSubstr("No data."));
  EXPECT_THAT(page, HasSubstr("No turn was answered."));
  EXPECT_THAT(page, HasSubstr("<dt>latency p99</dt><dd>n/a</dd>"));
  EXPECT_THAT(page, Not(HasSubstr("class=\"line")));
}

TEST(html_report, stays_small_after_a_day) {
  run_result run = proven_run();
  run.samples.clear();
  for (int second = 0; second < 86'400; ++second)
    run.samples.push_back(sample_of(second));
  const std::string page = render_html(run);
  EXPECT_LT(page.size(), 250'000U);
  EXPECT_THAT(page, HasSubstr("Each step covers up to 288 samples"));
  EXPECT_EQ(nesting_fault(page), "");
}

TEST(html_report, survives_huge_values) {
  run_result run = violated_run();
  run.measured = std::chrono::duration<double>{1e-300};
  run.cpu = std::chrono::duration<double>{1e300};
  run.bytes_sent = run.proof.turns = std::numeric_limits<std::uint64_t>::max();
  run.samples[0].turns = std::numeric_limits<std::uint64_t>::max();
  run.samples[1].max = std::chrono::nanoseconds::max();
  run.latencies->add(std::chrono::nanoseconds::max());
  EXPECT_EQ(nesting_fault(render_html(run)), "");
}

}  // namespace
}  // namespace turnomatic::bench
