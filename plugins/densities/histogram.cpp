#include <ATen/Functions.h>

#include <cmath>
#include <limits>

#include "shared/points.hpp"
#include "varia/density.hpp"
#include "varia/error.hpp"
#include "varia/parameters.hpp"
#include "varia/plugin.hpp"

namespace varia::densities {
namespace {

const std::string kName = "histogram";
constexpr Range kAnyReal{-1e30, 1e30};
constexpr double kMostCells = 9e18;  // a cell's number is an int64

struct HistogramParams final : ParamSet {
  Integer bins{this, "bins", 30, {1, 1'000'000}, "Bins of equal width in each dimension."};
  Real from{this, "from", kUnset, kAnyReal,
            "The first edge in every dimension; unset, the least value of the points."};
  Real to{this, "to", kUnset, kAnyReal,
          "The last edge in every dimension; unset, the greatest value of the points."};
  Real offset{this, "offset", 0.0, kAnyReal, "Added to every edge."};

 protected:
  void check() const override {
    if (from.has_value() && to.has_value() && from() >= to())
      fail(to, "expected a last edge above the first one, " + std::to_string(from()) + ", found " +
                   std::to_string(to()) + ".");
  }
};

/// Only cells with points are kept: a grid has any number of dimensions.
class Histogram final : public Density {
 public:
  using Params = HistogramParams;
  explicit Histogram(const Params& params) : params_(params) {}

  void fit(const Tensor& points, Draw&) override {
    const auto data = points_to_fit(kName, points);
    const auto dimensions = data.size(1);
    if (std::pow(static_cast<double>(params_.bins()), static_cast<double>(dimensions)) >
        kMostCells) {
      throw TrialError("density histogram: " + std::to_string(params_.bins()) + " bins in " +
                       std::to_string(dimensions) +
                       " dimensions are more than 2^63 cells. Use fewer 'bins', or a density such "
                       "as gmm.");
    }
    const auto edges = edges_of(data);
    const auto cells = cells_of(data, edges);
    const auto inside = cells.masked_select(cells.ge(0));
    if (inside.numel() == 0) {
      throw TrialError("density histogram: none of the " + std::to_string(data.size(0)) +
                       " points lies between the edges. Change 'from', 'to' or 'offset'.");
    }
    edges_ = edges;
    const auto [occupied, places, counts] = at::_unique2(inside, true, false, true);
    cells_ = occupied;
    counts_ = counts.to(torch::kDouble);
    const auto volume = widths().log().sum();
    log_density_ = counts_.log() - std::log(static_cast<double>(inside.numel())) - volume;
  }

  Tensor log_prob(const Tensor& points) const override {
    const auto cells = cells_of(points_to_judge(kName, points, dimensions()), edges_);
    const auto places = at::searchsorted(cells_, cells).clamp_max(cells_.size(0) - 1);
    const auto empty = cells_.index_select(0, places).ne(cells);
    return log_density_.index_select(0, places).masked_fill(
        empty, -std::numeric_limits<double>::infinity());
  }

  Tensor sample(std::int64_t n, Draw& draw) const override {
    require_fit(kName, dimensions(), n);
    auto cells = cells_.index_select(0, draw_index(counts_, n, draw));
    const auto within = uniform_doubles(draw, {n, dimensions()});
    const auto result = at::empty({n, dimensions()}, torch::kDouble);
    for (std::int64_t d = dimensions() - 1; d >= 0; --d) {
      const auto bin = cells.remainder(params_.bins());
      cells = cells.div(params_.bins(), "floor");
      const auto left = edges_[d].index_select(0, bin);
      const auto right = edges_[d].index_select(0, bin + 1);
      result.select(1, d).copy_(left + within.select(1, d) * (right - left));
    }
    return result;
  }

 private:
  std::int64_t dimensions() const { return edges_.defined() ? edges_.size(0) : 0; }
  /// [D]
  Tensor widths() const {
    return (edges_.select(1, -1) - edges_.select(1, 0)) / static_cast<double>(params_.bins());
  }

  /// [D, bins + 1]
  Tensor edges_of(const Tensor& points) const {
    std::vector<Tensor> edges;
    for (std::int64_t d = 0; d < points.size(1); ++d) {
      const auto values = points.select(1, d);
      double from = params_.from.has_value() ? params_.from() : values.min().item<double>();
      double to = params_.to.has_value() ? params_.to() : values.max().item<double>();
      if (from == to) {  // all points are equal
        from -= 0.5;
        to += 0.5;
      }
      const auto row =
          at::linspace(from, to, params_.bins() + 1, torch::kDouble) + params_.offset();
      if (!row.slice(0, 1).gt(row.slice(0, 0, -1)).all().item<bool>()) {
        throw TrialError("density histogram: " + std::to_string(params_.bins()) +
                         " bins do not fit between the edges " + std::to_string(from) + " and " +
                         std::to_string(to) + ". Change 'from' and 'to', or use fewer 'bins'.");
      }
      edges.push_back(row);
    }
    return at::stack(edges);
  }

  /// The number of each point's cell, the last dimension fastest; -1 outside. A cell has its lower
  /// edges; the last one of a dimension has its upper edge too.
  /// @returns [n] int64
  Tensor cells_of(const Tensor& points, const Tensor& edges) const {
    auto result = at::zeros({points.size(0)}, torch::kLong);
    auto outside = at::zeros({points.size(0)}, torch::kBool);
    for (std::int64_t d = 0; d < points.size(1); ++d) {
      const auto values = points.select(1, d).contiguous();
      const auto bin = at::searchsorted(edges[d], values, false, true) - 1;
      outside = outside.logical_or(values < edges[d][0]).logical_or(values > edges[d][-1]);
      result = result * params_.bins() + bin.clamp(0, params_.bins() - 1);
    }
    return result.masked_fill(outside, -1);
  }

  const Params& params_;
  Tensor edges_;
  Tensor cells_;        // [M] the occupied ones, ascending
  Tensor counts_;       // [M] points in each
  Tensor log_density_;  // [M]
};

}  // namespace
}  // namespace varia::densities

VARIA_PLUGIN("histogram", "1.0.0") {
  registry.add<varia::densities::Histogram>(
      "histogram", "Part of the points in each cell of a grid, by its volume (Pearson 1895).");
}
