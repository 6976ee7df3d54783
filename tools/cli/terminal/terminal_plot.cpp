#include "cli/terminal/terminal_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/terminal/text.hpp"

namespace varia::cli {

namespace {

constexpr std::size_t kLongestLabel = 40;

/// Finite values and how they lie on the columns or rows of a plot.
class Scale {
 public:
  void include(double value) {
    if (!std::isfinite(value)) return;
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  bool is_empty() const { return low_ > high_; }
  double low() const { return low_; }
  double high() const { return high_; }
  /// At least as wide as `wanted` on each side, as far as one own width.
  void widen(const Scale& wanted) {
    const double own = high_ - low_;
    low_ = std::max(std::min(low_, wanted.low_), low_ - own);
    high_ = std::min(std::max(high_, wanted.high_), high_ + own);
  }
  /// 0 to size - 1; values beyond the ends lie on them.
  std::size_t place(double value, std::size_t size) const {
    if (high_ <= low_) return size / 2;
    const double part = std::clamp((value - low_) / (high_ - low_), 0.0, 1.0);
    return static_cast<std::size_t>(std::lround(part * static_cast<double>(size - 1)));
  }

 private:
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
};

/// Cut off or filled up to a width.
std::string fitted(const std::string& text, std::size_t width) {
  const auto cut = fit(text, width, "…");
  return cut + std::string(width - std::min(width, display_width(cut)), ' ');
}

using Cells = std::vector<std::string>;

std::string joined(const Cells& cells) {
  std::string line;
  for (const auto& cell : cells) line += cell;
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string interval_line(const PlottedInterval& line, const Scale& scale, std::size_t size) {
  if (std::isnan(line.centre)) return "no value";
  Cells cells(size, " ");
  if (!std::isnan(line.interval.low)) {
    const auto low = scale.place(line.interval.low, size);
    const auto high = scale.place(line.interval.high, size);
    for (auto i = low; i <= high; ++i) cells[i] = "─";
    cells[low] = line.interval.low < scale.low() ? "<" : "├";
    cells[high] = line.interval.high > scale.high() ? ">" : "┤";
  }
  for (const double value : line.values)
    if (std::isfinite(value)) cells[scale.place(value, size)] = "·";
  cells[scale.place(line.centre, size)] = "●";
  return joined(cells);
}

}  // namespace

std::string interval_plot(const std::vector<PlottedInterval>& lines, std::size_t width) {
  Scale scale, intervals;
  std::size_t label_width = 0;
  for (const auto& line : lines) {
    scale.include(line.centre);
    for (const double value : line.values) scale.include(value);
    intervals.include(line.interval.low);
    intervals.include(line.interval.high);
    label_width = std::max(label_width, std::min(kLongestLabel, display_width(line.label)));
  }
  if (scale.is_empty()) return "";
  scale.widen(intervals);
  const auto size = std::max<std::size_t>(20, width - std::min(width, label_width + 2));
  std::string text;
  for (const auto& line : lines)
    text += fitted(line.label, label_width) + "  " + interval_line(line, scale, size) + "\n";
  const auto low = short_number(scale.low());
  const auto high = short_number(scale.high());
  text += std::string(label_width + 2, ' ');
  if (scale.low() == scale.high()) return text + std::string(size / 2, ' ') + low + "\n";
  return text + low + std::string(size - std::min(size, low.size() + high.size()), ' ') + high +
         "\n";
}

std::string scatter_plot(const std::vector<PlottedPoint>& points, const std::string& x_name,
                         const std::string& y_name, std::size_t width) {
  constexpr std::size_t kRows = 16;
  Scale x, y;
  for (const auto& point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    x.include(point.x);
    y.include(point.y);
  }
  if (x.is_empty()) return "";
  const auto top = short_number(y.high());
  const auto bottom = short_number(y.low());
  const auto margin = std::max(top.size(), bottom.size());
  const auto columns = std::clamp<std::size_t>(width - std::min(width, margin + 3), 20, 72);
  std::vector<Cells> rows(kRows, Cells(columns, " "));
  for (const bool on_front : {false, true}) {
    for (const auto& point : points) {
      if (point.on_front != on_front || !std::isfinite(point.x) || !std::isfinite(point.y))
        continue;
      rows[kRows - 1 - y.place(point.y, kRows)][x.place(point.x, columns)] = on_front ? "●" : "○";
    }
  }
  std::string text = std::string(margin, ' ') + "  " + y_name + "\n";
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto mark = i == 0 ? top : i + 1 == kRows ? bottom : "";
    text += std::string(margin - mark.size(), ' ') + mark + " │" + joined(rows[i]) + "\n";
  }
  std::string axis;
  for (std::size_t i = 0; i < columns; ++i) axis += "─";
  const auto low = short_number(x.low());
  const auto high = short_number(x.high());
  const auto ends = low.size() + high.size();
  const auto name = ends + display_width(x_name) + 4 <= columns ? x_name : "";
  const auto gap = columns - std::min(columns, ends + display_width(name));
  text += std::string(margin + 1, ' ') + "└" + axis + "\n" + std::string(margin + 2, ' ') + low +
          std::string(gap / 2, ' ') + name + std::string(gap - gap / 2, ' ') + high + "\n";
  return text + (name.empty() ? std::string(margin + 2, ' ') + x_name + "\n" : "");
}

}  // namespace varia::cli
