#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "pages/report/blocks.hpp"
#include "results/merged/results.hpp"

namespace varia::report {

/// Scatter plots with more points keep so many, spread over all of them.
inline constexpr std::size_t kMostPoints = 2000;

/// The pictures and scatter plots of a report:
///
///     {"kept": 9, "left_out": 0,
///      "views": [{"name": "samples", "left_out": 0,
///                 "trials": {"3": {"block": 7,
///                              "frames": [[epoch, width, height, title, labels], ...]}}}],
///      "points": [{"name": "latent_scatter", "left_out": 0,
///                  "trials": {"3": [{"epoch", "classes", "axes", "total", "xy": block,
///                                    "label": block}]}}]}
///
/// Views stand in the order in which the experiments name them, the first file's first. Block 7 has
/// a line for each frame: a PNG in base64. A frame without labels ends with its title. Trials are
/// numbered as in the report. What is kept if not all fits: first the last epoch of every trial
/// (replicate 0 of all before replicate 1), then the first, the middle one and so on, so that the
/// epochs kept stay spread.
/// @param budget bytes of base64
/// @throws StoreError if a file is damaged
nlohmann::json picture_data(const std::vector<results::Results>& files, std::uint64_t budget,
                            Blocks& blocks);

/// `count` of the numbers 0 to total - 1, ascending, as even as those of a golden spiral: no period
/// that they have in common with labels in turn leaves some out. Public for its test.
std::vector<std::size_t> spread_choice(std::size_t total, std::size_t count);

/// The order in which the numbers 0 to count - 1 are kept: the last one, the first, then always
/// what halves the widest gap: 4, 0, 2, 1, 3. Public for its test.
/// @returns the rank of each number
std::vector<std::size_t> spread_ranks(std::size_t count);

}  // namespace varia::report
