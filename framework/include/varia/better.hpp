#pragma once

#include <optional>
#include <string_view>

namespace varia {

/// Which values of a metric are better. What is ranked by a metric of which neither is better says
/// so itself: `--order`, or `order` of a search.
enum class Better {
  neither,  ///< it describes a model and does not judge it: a count, an angle, a target
  higher,
  lower,
};

/// "neither", "higher" or "lower".
constexpr std::string_view better_text(Better better) {
  switch (better) {
    case Better::higher:
      return "higher";
    case Better::lower:
      return "lower";
    case Better::neither:
      break;
  }
  return "neither";
}

/// What `text` names; nullopt if it is none of the three.
constexpr std::optional<Better> better_from_text(std::string_view text) {
  for (const auto better : {Better::neither, Better::higher, Better::lower})
    if (text == better_text(better)) return better;
  return std::nullopt;
}

/// True if a value is better than the best one so far by more than `margin`. NaN never is, and
/// everything else is better than NaN.
/// @param order higher or lower
constexpr bool is_better(double value, double best, Better order, double margin = 0) {
  const auto is_nan = [](double number) { return number != number; };
  if (is_nan(value) || is_nan(best)) return !is_nan(value);
  return order == Better::higher ? value > best + margin : value < best - margin;
}

}  // namespace varia
