// Pieces of the HTML report.
#pragma once

#include "report/chart.hpp"
#include "report/conclusion.hpp"
#include "report/run_result.hpp"
#include "report/sections.hpp"

#include <span>
#include <string>
#include <string_view>

namespace turnomatic::bench {

/// The word, its sentence and a sign that differs in shape, not only in colour.
[[nodiscard]] std::string verdict_banner(const verdict& proof);

[[nodiscard]] std::string key_figures(const run_result& run);

/// A heading and a table; a sentence instead of a table without rows.
[[nodiscard]] std::string section_element(const section& what, std::string_view if_empty);

/// The chart with its title above, its legend and a caption, which may be empty; a sentence instead
/// of a chart without points.
[[nodiscard]] std::string figure_element(const chart& what, std::string_view caption);

/// What the charts over time show, as a table that is folded away.
[[nodiscard]] std::string samples_table(std::span<const sample> samples);

/// Every finding: its sentence, its requests as bars and as a table. Nothing without findings.
[[nodiscard]] std::string violations_element(const run_result& run);

}  // namespace turnomatic::bench
