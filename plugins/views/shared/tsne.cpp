#include "tsne.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "varia/vectorise.hpp"

namespace varia::views {

namespace {

constexpr int kLanes = 16;
constexpr int kBisections = 100;

/// What all points do to one: sums over j of p q (y_i - y_j), of q^2 (y_i - y_j), and of q, with
/// q = 1 / (1 + |y_i - y_j|^2).
struct Forces {
  double attraction_x = 0, attraction_y = 0;
  double repulsion_x = 0, repulsion_y = 0;
  double mass = 0;
};

/// Sums lie in lanes, since the compiler may not reorder a sum.
VARIA_VECTORISED void add_forces(const float* p, const float* x, const float* y, std::int64_t count,
                                 float own_x, float own_y, float (*lanes)[kLanes]) {
  for (std::int64_t j = 0; j + kLanes <= count; j += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const float dx = own_x - x[j + lane];
      const float dy = own_y - y[j + lane];
      const float q = 1.0F / (1.0F + dx * dx + dy * dy);
      const float pull = p[j + lane] * q;
      const float push = q * q;
      lanes[0][lane] += pull * dx;
      lanes[1][lane] += pull * dy;
      lanes[2][lane] += push * dx;
      lanes[3][lane] += push * dy;
      lanes[4][lane] += q;
    }
  }
}

Forces forces_on(const float* p, const float* x, const float* y, std::int64_t count, float own_x,
                 float own_y) {
  float lanes[5][kLanes] = {};
  add_forces(p, x, y, count, own_x, own_y, lanes);
  double sums[5] = {};
  for (int i = 0; i < 5; ++i)
    for (const float part : lanes[i]) sums[i] += part;
  Forces forces{sums[0], sums[1], sums[2], sums[3], sums[4]};
  for (std::int64_t j = count - count % kLanes; j < count; ++j) {
    const double dx = own_x - x[j];
    const double dy = own_y - y[j];
    const double q = 1 / (1 + dx * dx + dy * dy);
    forces.attraction_x += p[j] * q * dx;
    forces.attraction_y += p[j] * q * dy;
    forces.repulsion_x += q * q * dx;
    forces.repulsion_y += q * q * dy;
    forces.mass += q;
  }
  forces.mass -= 1;  // the point itself
  return forces;
}

Tensor squared_distances(const Tensor& points) {
  const auto squares = points.square().sum(1);
  return (squares.unsqueeze(0) + squares.unsqueeze(1) - 2 * points.matmul(points.t()))
      .clamp_min_(0);
}

}  // namespace

Tensor conditional_affinities(const Tensor& points, double perplexity) {
  const auto all = points.to(at::kCPU, at::kDouble);
  auto distances = squared_distances(all - all.mean(0));
  distances.fill_diagonal_(std::numeric_limits<double>::infinity());
  // Distances to the nearest point: the largest exponent is 0 whatever the precision.
  distances = distances - std::get<0>(distances.min(1, true));
  distances.fill_diagonal_(0);  // finite, for the products below
  auto others = at::ones_like(distances);
  others.fill_diagonal_(0);

  const auto wanted = std::log(perplexity);
  const auto rows = all.size(0);
  auto low = at::zeros({rows, 1}, distances.options());
  auto high = at::full({rows, 1}, std::numeric_limits<double>::infinity(), distances.options());
  // A start of the right size: the inverse of the mean distance.
  auto precision = (distances.sum(1, true) / static_cast<double>(rows - 1)).clamp_min(1e-300);
  precision = precision.reciprocal().clamp_max(1e300);
  Tensor weights;
  for (int i = 0; i < kBisections; ++i) {
    weights = (distances * -precision).exp_().mul_(others);
    const auto total = weights.sum(1, true);
    const auto entropy =
        total.log() + precision * (weights * distances).sum(1, true) / total;  // nats
    weights /= total;
    if ((entropy - wanted).abs().max().item<double>() < 1e-9) break;
    const auto too_wide = entropy > wanted;
    low = at::where(too_wide, precision, low);
    high = at::where(too_wide, high, precision);
    precision = at::where(high.isinf(), (precision * 2).clamp_max(1e300), (low + high) / 2);
  }
  return weights;
}

Tensor joint_affinities(const Tensor& conditional) {
  return (conditional + conditional.t()) / (2.0 * static_cast<double>(conditional.size(0)));
}

double tsne_divergence(const Tensor& affinities, const Tensor& embedding) {
  auto student = (squared_distances(embedding.to(at::kDouble)) + 1).reciprocal_();
  student.fill_diagonal_(0);
  const auto q = student / student.sum();
  const auto p = affinities.to(at::kDouble);
  return at::where(p > 0, p * (p.clamp_min(1e-300).log() - q.clamp_min(1e-300).log()),
                   at::zeros({}, p.options()))
      .sum()
      .item<double>();
}

Tensor tsne_gradient(const Tensor& affinities, const Tensor& embedding, double exaggeration) {
  const auto count = embedding.size(0);
  const auto columns = embedding.t().contiguous();
  const auto* x = columns.data_ptr<float>();
  const auto* y = x + count;
  const auto* p = affinities.data_ptr<float>();
  std::vector<Forces> forces(static_cast<std::size_t>(count));
  double mass = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    auto& own = forces[static_cast<std::size_t>(i)];
    own = forces_on(p + i * count, x, y, count, x[i], y[i]);
    mass += own.mass;
  }
  auto gradient = at::empty({count, 2}, at::kFloat);
  auto* out = gradient.data_ptr<float>();
  for (const auto& own : forces) {
    *out++ = static_cast<float>(4 * (exaggeration * own.attraction_x - own.repulsion_x / mass));
    *out++ = static_cast<float>(4 * (exaggeration * own.attraction_y - own.repulsion_y / mass));
  }
  return gradient;
}

Tensor tsne(const Tensor& points, const TsneOptions& options, Draw& draw) {
  const auto count = points.size(0);
  const auto perplexity = std::min(options.perplexity, static_cast<double>(count - 1) / 3);
  const auto affinities =
      joint_affinities(conditional_affinities(points, perplexity)).to(at::kFloat).contiguous();
  const auto rate = options.learning_rate > 0
                        ? options.learning_rate
                        : std::max(static_cast<double>(count) / options.exaggeration / 4, 50.0);

  auto embedding = draw.normal({count, 2}).to(at::kCPU) * 1e-4;
  auto velocity = at::zeros_like(embedding);
  auto gains = at::ones_like(embedding);
  for (std::int64_t i = 0; i < options.iterations; ++i) {
    const bool early = i < options.exaggerated;
    const auto gradient = tsne_gradient(affinities, embedding, early ? options.exaggeration : 1.0);
    // Jacobs 1988: a coordinate that keeps its direction goes faster.
    gains = at::where(gradient.sign() == velocity.sign(), gains * 0.8, gains + 0.2).clamp_min(0.01);
    velocity = velocity * (early ? 0.5 : 0.8) - gains * gradient * rate;
    embedding = embedding + velocity;
    embedding = embedding - embedding.mean(0);
  }
  return embedding;
}

}  // namespace varia::views
