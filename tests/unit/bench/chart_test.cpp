#include "report/run_charts.hpp"
#include "report/thinning.hpp"
#include "report/timeline.hpp"
#include "unit/bench/example_runs.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

namespace turnomatic::bench {
namespace {

using namespace std::chrono_literals;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

std::string value_text(double value) {
  return std::to_string(value);
}

std::vector<std::string> labels_of(const axis& scale) {
  std::vector<std::string> labels;
  for (const tick& each : scale.ticks)
    labels.push_back(each.label);
  return labels;
}

std::vector<double> values_of(const axis& scale) {
  std::vector<double> values;
  for (const tick& each : scale.ticks)
    values.push_back(each.value);
  return values;
}

std::vector<sample> samples_of(int count) {
  std::vector<sample> samples;
  for (int i = 0; i < count; ++i)
    samples.push_back(sample_of(i));
  return samples;
}

/// Whether the geometry in each attribute that may hold some is made of plain decimals.
bool is_finite(const std::string& svg) {
  for (const char* name : {" d=\"", " x=\"", " y=\"", " x1=\"", " x2=\"", " y1=\"", " y2=\"",
                           " width=\"", " height=\"", " viewBox=\""}) {
    const std::size_t size = std::string_view{name}.size();
    for (std::size_t at = svg.find(name); at != std::string::npos; at = svg.find(name, at + 1)) {
      const std::size_t first_odd = svg.find_first_not_of("MLVHZh0123456789.- ", at + size);
      if (first_odd == std::string::npos || svg[first_odd] != '"')
        return false;
    }
  }
  return true;
}

std::size_t occurrences(const std::string& text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

std::vector<chart> charts_over_time(const std::vector<sample>& samples) {
  return {rate_over_time(samples), errors_over_time(samples), latency_over_time(samples)};
}

TEST(axis, from_zero_ends_at_a_round_value) {
  const axis scale = axis_from_zero(51'234, value_text);
  EXPECT_EQ(scale.high, 60'000);
  EXPECT_THAT(values_of(scale), testing::ElementsAre(0, 20'000, 40'000, 60'000));
}

TEST(axis, from_zero_has_room_even_if_all_values_are_zero) {
  EXPECT_EQ(axis_from_zero(0, value_text).high, 1);
  EXPECT_EQ(axis_from_zero(-5, value_text).high, 1);
}

TEST(axis, logarithmic_spans_whole_decades) {
  const axis scale = logarithmic_axis(812e3, 29e6, value_text);
  EXPECT_THAT(values_of(scale), testing::ElementsAre(1e5, 1e6, 1e7, 1e8));
  EXPECT_NEAR(scale.place(1e7), 2.0 / 3, 1e-9);
}

TEST(axis, logarithmic_divides_a_single_decade) {
  EXPECT_THAT(values_of(logarithmic_axis(1e6, 1e6, value_text)),
              testing::ElementsAre(1e6, 2e6, 5e6, 1e7));
}

TEST(axis, percentile_gives_each_nine_the_same_room) {
  const axis scale = percentile_axis(5);
  EXPECT_THAT(labels_of(scale), testing::ElementsAre("0", "90", "99", "99.9", "99.99", "99.999"));
  EXPECT_NEAR(scale.place(percentile_place(0.9)), 0.2, 1e-9);
  EXPECT_NEAR(scale.place(percentile_place(0.999)), 0.6, 1e-9);
  EXPECT_TRUE(std::isfinite(percentile_place(1)));
}

TEST(axis, stays_finite_whatever_it_is_given) {
  const std::vector<double> odd{0,        -1,        1e-300,    1e300,
                                infinity, -infinity, no_number, std::nextafter(1e18, 0)};
  for (const double low : odd) {
    for (const double high : odd) {
      for (const axis& scale :
           {linear_axis(low, high, value_text), axis_from_zero(high, value_text),
            logarithmic_axis(low, high, value_text)}) {
        EXPECT_LT(scale.low, scale.high);
        EXPECT_LE(scale.ticks.size(), 11U);
        for (const tick& each : scale.ticks)
          EXPECT_TRUE(std::isfinite(each.value));
        for (const double value : odd) {
          EXPECT_GE(scale.place(value), 0);
          EXPECT_LE(scale.place(value), 1);
        }
      }
    }
  }
}

TEST(thinned, keeps_few_samples_as_they_are) {
  EXPECT_TRUE(thinned({}, 300).empty());
  EXPECT_EQ(thinned(samples_of(1), 300).size(), 1U);
  EXPECT_EQ(thinned(samples_of(300), 300).size(), 300U);
}

TEST(thinned, merges_many_samples_and_loses_none) {
  std::vector<sample> many = samples_of(3'601);
  many[1'800].max = 7s;
  const std::vector<sample> few = thinned(many, 300);
  EXPECT_LE(few.size(), 300U);
  std::uint64_t turns_before = 0;
  for (const sample& each : many)
    turns_before += each.turns;
  std::uint64_t turns_after = 0;
  std::chrono::nanoseconds max{0};
  for (const sample& each : few) {
    turns_after += each.turns;
    max = std::max(max, each.max);
  }
  EXPECT_EQ(turns_after, turns_before);
  EXPECT_EQ(max, 7s);
  EXPECT_EQ(few.front().length, 13s);
  EXPECT_EQ(few.back().at, many.back().at);
}

TEST(thinned, leaves_out_what_has_no_length_or_no_place) {
  std::vector<sample> odd = samples_of(4);
  odd[0].length = 0s;
  odd[1].at = std::chrono::duration<double>{no_number};
  odd[2].length = std::chrono::duration<double>{infinity};
  EXPECT_EQ(thinned(odd, 300).size(), 1U);
}

TEST(charts_over_time, are_finite_for_no_one_and_many_samples) {
  for (const int count : {0, 1, 2, 300}) {
    for (const chart& each : charts_over_time(samples_of(count)))
      EXPECT_TRUE(is_finite(render_svg(each))) << each.title << ", " << count << " samples";
  }
}

TEST(charts_over_time, are_finite_for_huge_and_odd_values) {
  std::vector<sample> odd = samples_of(3);
  odd[0].turns = odd[1].failed = std::numeric_limits<std::uint64_t>::max();
  odd[1].max = std::chrono::nanoseconds::max();
  odd[1].p50 = -5ns;
  odd[2].length = std::chrono::duration<double>{1e-300};
  for (const chart& each : charts_over_time(odd))
    EXPECT_TRUE(is_finite(render_svg(each))) << each.title;
  EXPECT_TRUE(is_finite("<path d=\"M1 2\"/>"));
  EXPECT_FALSE(is_finite("<path d=\"Mnan 2\"/>"));
}

TEST(charts_over_time, say_so_when_there_is_nothing_to_show) {
  for (const chart& each : charts_over_time({}))
    EXPECT_THAT(render_svg(each), testing::HasSubstr(">no data</text>")) << each.title;
}

TEST(rate_over_time, draws_a_sample_from_its_begin_to_its_end) {
  const chart rate = rate_over_time(samples_of(1));
  ASSERT_EQ(rate.lines.size(), 1U);
  ASSERT_EQ(rate.lines[0].points.size(), 2U);
  EXPECT_EQ(rate.lines[0].points[0].x, 0);
  EXPECT_EQ(rate.lines[0].points[1].x, 1);
  EXPECT_EQ(rate.lines[0].points[1].y, 50'000);
}

TEST(latency_over_time, interrupts_its_lines_where_nothing_was_answered) {
  std::vector<sample> samples = samples_of(3);
  samples[1].turns = 0;
  const chart latency = latency_over_time(samples);
  EXPECT_EQ(latency.lines[0].points[2].y, std::nullopt);
  static const std::regex interrupted{R"re(class="line first" d="M[^M"]+M[^M"]+")re"};
  EXPECT_TRUE(std::regex_search(render_svg(latency), interrupted));
}

TEST(latency_over_time, tells_its_ranges_in_words) {
  EXPECT_EQ(latency_over_time(samples_of(3)).summary,
            "p50 from 800 µs to 802 µs; p99 from 2 ms to 2 ms; max from 9 ms to 9 ms.");
}

TEST(latency_by_percentile, rises_to_the_maximum) {
  const run_result run = proven_run();
  const chart percentiles = latency_by_percentile(*run.latencies);
  const std::vector<point>& points = percentiles.lines.at(0).points;
  EXPECT_TRUE(std::is_sorted(points.begin(), points.end(), [](const point& a, const point& b) {
    return a.x < b.x || a.y < b.y;
  }));
  EXPECT_NEAR(*points.front().y, 812e3, 1e3);
  EXPECT_TRUE(is_finite(render_svg(percentiles)));
}

TEST(latency_by_percentile, is_finite_without_or_with_one_latency) {
  histogram latencies;
  EXPECT_TRUE(latency_by_percentile(latencies).lines.at(0).points.empty());
  EXPECT_TRUE(is_finite(render_svg(latency_by_percentile(latencies))));
  latencies.add(0ns);
  EXPECT_TRUE(is_finite(render_svg(latency_by_percentile(latencies))));
}

TEST(chart, has_a_title_and_a_description_that_it_refers_to) {
  const std::string svg = render_svg(rate_over_time(samples_of(3)));
  EXPECT_THAT(svg, testing::HasSubstr("aria-labelledby=\"rate-title rate-summary\""));
  EXPECT_THAT(svg, testing::HasSubstr("<title id=\"rate-title\">Turns per second over time<"));
  EXPECT_THAT(svg, testing::HasSubstr("<desc id=\"rate-summary\">turns per second from 50,000 to"));
}

TEST(chart, names_its_lines_unless_there_is_only_one) {
  EXPECT_EQ(render_legend(rate_over_time(samples_of(3))), "");
  EXPECT_EQ(occurrences(render_legend(latency_over_time(samples_of(3))), "<li>"), 3U);
}

TEST(timeline, has_a_bar_for_each_request) {
  const run_result run = violated_run();
  EXPECT_EQ(occurrences(render_timeline(run.proof.findings[0], "v"), "<rect"), 2U);
  EXPECT_EQ(occurrences(render_timeline(run.proof.findings[1], "v"), "<rect"), 1U);
  EXPECT_EQ(
      render_timeline(finding{.kind = violation::gap, .id = 0, .first = {}, .second = {}}, "v"),
      "");
}

TEST(timeline, is_finite_at_the_ends_of_the_clock_and_for_no_time_at_all) {
  finding what = violated_run().proof.findings[0];
  what.first->sent = std::numeric_limits<moment>::min();
  what.second->received = std::numeric_limits<moment>::max();
  EXPECT_TRUE(is_finite(render_timeline(what, "v")));
  what.first->sent = what.first->received = what.second->sent = what.second->received = 5;
  EXPECT_TRUE(is_finite(render_timeline(what, "v")));
}

}  // namespace
}  // namespace turnomatic::bench
