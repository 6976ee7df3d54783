#include "analysis/statistics/pareto_front.hpp"

#include <algorithm>
#include <cmath>

namespace varia::statistics {

std::vector<std::size_t> pareto_front(std::span<const double> x, std::span<const double> y,
                                      bool more_x, bool more_y) {
  const auto cost_x = [&](std::size_t i) { return more_x ? -x[i] : x[i]; };
  const auto cost_y = [&](std::size_t i) { return more_y ? -y[i] : y[i]; };
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!std::isnan(x[i]) && !std::isnan(y[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return cost_x(a) != cost_x(b) ? cost_x(a) < cost_x(b) : cost_y(a) < cost_y(b);
  });
  std::vector<std::size_t> front;
  for (const std::size_t point : order) {
    const bool is_equal = !front.empty() && cost_x(front.back()) == cost_x(point) &&
                          cost_y(front.back()) == cost_y(point);
    if (front.empty() || is_equal || cost_y(point) < cost_y(front.back())) front.push_back(point);
  }
  return front;
}

}  // namespace varia::statistics
