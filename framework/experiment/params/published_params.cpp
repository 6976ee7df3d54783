#include "experiment/params/published_params.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "varia/error_list.hpp"

namespace varia::experiment {

namespace {

constexpr const char* kSection = "published";
constexpr std::array<std::string_view, 3> kSplits{"train", "validation", "test"};

bool has_split(const std::string& metric) {
  return std::ranges::any_of(kSplits, [&](std::string_view split) {
    return metric.starts_with(split) && metric.size() > split.size() + 1 &&
           metric[split.size()] == '/';
  });
}

}  // namespace

void FigureParams::check() const {
  ErrorList errors;
  errors.collect([&] {
    if (!metric.has_value())
      fail(metric, "is missing; say what is measured, test/nll for instance");
    if (!has_split(metric()))
      fail(metric,
           fmt::format("expected train/..., validation/... or test/..., found '{}'", metric()));
  });
  errors.collect([&] {
    if (!value.has_value()) fail(value, "is missing; it is the published number");
  });
  errors.raise();
}

void PublishedParams::check() const {
  ErrorList errors;
  errors.collect([&] {
    if (!source.has_value()) fail(source, "is missing; say where the numbers stand");
  });
  errors.collect([&] {
    if (!minutes.has_value())
      fail(minutes, "is missing; say how long the experiment takes on one core");
  });
  errors.collect([&] {
    if (figures.size() == 0)
      fail(figures, "is missing; give the published numbers: [{metric: test/nll, value: 86.76}]");
  });
  errors.raise();
}

SharedPublished load_published(const Value& tree) {
  const Value* section = tree.find(kSection);
  if (section == nullptr || section->is_null()) return nullptr;
  auto published = std::make_shared<PublishedParams>();
  published->load(*section, {nullptr, kSection, section->where()});
  return published;
}

std::vector<MonitoredMetric> published_metrics(const SharedPublished& published) {
  std::vector<MonitoredMetric> metrics;
  for (std::size_t i = 0; published && i < published->figures.size(); ++i) {
    const auto& metric = published->figures[i].metric;
    metrics.push_back({kSection, metric(), metric.where()});
  }
  return metrics;
}

}  // namespace varia::experiment
