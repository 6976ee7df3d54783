#include "analysis/image_differences.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

namespace varia::analysis {

namespace {

constexpr std::string_view kPerImage = "_per_image";

/// `sample` with 0 for each finite value; the others are missing.
Sample without_values(Sample sample) {
  for (auto& place : sample.places)
    for (auto& replicate : place.list)
      replicate.value = std::isfinite(replicate.value) ? 0 : std::nan("");
  return sample;
}

/// a - b, over what both have.
double mean_difference(const Sample& a, const Sample& b) {
  const auto shared = shared_values(a, b);
  std::vector<double> differences;
  for (std::size_t i = 0; i < shared.a.size(); ++i)
    if (const double one = shared.a[i] - shared.b[i]; !std::isnan(one)) differences.push_back(one);
  return statistics::mean(differences);
}

}  // namespace

std::string per_image(const std::string& metric) { return metric + std::string(kPerImage); }

bool is_per_image(const std::string& metric) { return metric.ends_with(kPerImage); }

ImageDifferences::ImageDifferences(const results::Results& results, const std::string& metric)
    : results_(results),
      name_(per_image(metric)),
      is_recorded_(std::ranges::any_of(results.metrics(), [this](const results::Column& column) {
        return column.name == name_ && column.shape.size() == 1;
      })) {}

const std::vector<double>& ImageDifferences::values_of(std::size_t trial) {
  const auto [place, is_new] = values_.try_emplace(trial);
  const auto epochs = results_.trials()[trial].epochs_done;
  if (!is_new || epochs == 0) return place->second;
  const auto all = results_.metric(name_, trial, 1);  // [1, epoch, image]
  const auto images = all.shape.back();
  const auto first = all.values.begin() + (epochs - 1) * images;
  std::copy_if(first, first + images, std::back_inserter(place->second),
               [](double value) { return !std::isnan(value); });
  return place->second;
}

std::optional<ImageDifference> ImageDifferences::between(const Sample& a, const Sample& b) {
  if (!is_recorded_) return std::nullopt;
  // The mean difference is linear in the values of the replicates, so that what one of them weighs
  // is the difference if it is 1 and all others are 0.
  Sample ones[] = {without_values(a), without_values(b)};
  std::vector<double> differences;
  for (auto& side : ones)
    for (auto& place : side.places)
      for (auto& replicate : place.list) {
        if (std::isnan(replicate.value)) continue;
        replicate.value = 1;
        const double weight = mean_difference(ones[0], ones[1]);
        replicate.value = 0;
        if (std::isnan(weight)) return std::nullopt;
        if (weight == 0) continue;
        for (const auto trial : replicate.trials) {
          const auto& values = values_of(trial);
          if (differences.empty()) differences.resize(values.size());
          if (values.empty() || values.size() != differences.size()) return std::nullopt;
          for (std::size_t i = 0; i < values.size(); ++i)
            differences[i] += weight * values[i] / static_cast<double>(replicate.trials.size());
        }
      }
  if (differences.empty()) return std::nullopt;
  return ImageDifference{differences.size(), statistics::mean(differences),
                         statistics::student_interval(differences)};
}

}  // namespace varia::analysis
