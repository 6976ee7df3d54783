#pragma once

#include <string>

#include "analysis/comparison.hpp"
#include "cli/terminal/text.hpp"

namespace varia::cli {

/// For people: a table for each class of settings that may be ranked together, and below it what
/// the numbers are.
/// @param limit how many settings at most
std::string comparison_text(const analysis::Comparison& comparison, std::size_t limit,
                            const TextStyle& style = {});

/// The same tables, whole, as a LaTeX `tabular` (package booktabs) for each class, with the notes
/// as comments.
std::string comparison_latex(const analysis::Comparison& comparison);

/// The estimates as pictures: intervals of one metric, or the plane of two.
/// @param width columns of the terminal
std::string comparison_plot(const analysis::Comparison& comparison, std::size_t limit,
                            std::size_t width);

/// "2 settings of 6 trials, ranked by validation/elbo, highest first"; says "ranked on the test
/// set" if that ranks.
std::string ranking_text(const analysis::Comparison& comparison);

/// Values of the chosen keys stand behind those that tell settings apart.
std::string full_name(const analysis::Comparison& comparison,
                      const analysis::ComparedSetting& setting);

}  // namespace varia::cli
