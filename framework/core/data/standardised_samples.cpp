#include "core/data/standardised_samples.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/data/changed_samples.hpp"
#include "varia/error.hpp"

namespace varia {

namespace {

/// What is known of one number after some of its values.
struct NumberStatistics {
  std::int64_t count = 0;
  double mean = 0;
  double squares = 0;  // sum of squared differences from the mean
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();

  /// @see Welford 1962. One value after the other, so that no number of threads changes a bit.
  void add(double value) {
    ++count;
    const double difference = value - mean;
    mean += difference / static_cast<double>(count);
    squares += difference * (value - mean);
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

/// @param missing whether NaN stands for a value that was not observed
std::vector<NumberStatistics> statistics_of(const Samples& samples, const Tensor& rows,
                                            bool missing) {
  constexpr std::int64_t kChunk = 512;
  std::vector<NumberStatistics> all;
  for (const auto& part : rows.split(kChunk)) {
    const auto values = samples.gather(part, at::kCPU).flatten(1);
    all.resize(static_cast<std::size_t>(values.size(1)));
    const auto* value = values.data_ptr<float>();
    for (std::int64_t row = 0; row < values.size(0); ++row)
      for (auto& number : all) {
        if (!missing || !std::isnan(*value)) number.add(*value);
        ++value;
      }
  }
  return all;
}

/// "number 3 of the samples", or its name.
std::string name_of(const Annotations& annotations, std::int64_t place) {
  const auto& names = annotations.features;
  const auto index = static_cast<std::size_t>(place);
  return index < names.size() ? "'" + names[index] + "'"
                              : "number " + std::to_string(place) + " of the samples";
}

[[noreturn]] void refuse(const std::string& name, const NumberStatistics& number,
                         const std::string& remedy) {
  const auto found = number.count == 0 ? std::string("was never observed")
                                       : "has the one value " + number_text(number.mean);
  throw DataError("", name + " " + found +
                          " in the training split, so that it cannot be standardised. " + remedy +
                          ".");
}

}  // namespace

StandardScale::StandardScale(Standardise how, const Samples& samples, const Tensor& rows)
    : blocks_(samples.annotations().blocks) {
  const auto& annotations = samples.annotations();
  const auto statistics = statistics_of(samples, rows, annotations.has_missing);
  const auto numbers = static_cast<std::int64_t>(statistics.size());
  const auto filled = [&](double value) { return at::full({numbers}, value, at::kDouble); };
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  shift_ = filled(0);
  divisor_ = filled(1);
  least_ = filled(-kInfinity);
  most_ = filled(kInfinity);
  std::int64_t place = 0;
  for (auto& [domain, size] : blocks_) {
    const auto begin = std::exchange(place, place + size);
    if (domain != Domain::real) continue;
    for (auto i = begin; i < place; ++i) {
      const auto& number = statistics.at(static_cast<std::size_t>(i));
      if (!(number.most > number.least))
        refuse(name_of(annotations, i), number, "Leave it out, or use standardise: none");
      if (how == Standardise::zscore) {
        shift_[i] = number.mean;
        divisor_[i] = std::sqrt(number.squares / static_cast<double>(number.count));
      } else {
        shift_[i] = number.least;
        divisor_[i] = number.most - number.least;
        least_[i] = 0;
        most_[i] = 1;
      }
    }
    if (how == Standardise::minmax) domain = Domain::unit;
  }
  for (auto* const tensor : {&shift_, &divisor_, &least_, &most_})
    *tensor = tensor->view(samples.event());
}

std::shared_ptr<const Samples> StandardScale::apply(std::shared_ptr<const Samples> samples) const {
  auto annotations = samples->annotations();
  annotations.blocks = blocks_;
  annotations.bounds.reset();
  const auto& raw = samples->annotations().units;
  annotations.units = {.scale = raw.scale.defined() ? divisor_ * raw.scale : divisor_,
                       .offset = raw.of(shift_)};
  auto event = samples->event();
  return std::make_shared<ChangedSamples>(
      std::move(samples), std::move(event), std::move(annotations),
      [scale = *this](const Tensor& values) {
        const auto scaled = (values.to(at::kDouble) - scale.shift_) / scale.divisor_;
        return at::clamp(scaled, scale.least_, scale.most_).to(at::kFloat);
      });
}

CovariateScale::CovariateScale(const Annotations& annotations, const Tensor& rows) {
  for (const auto place : annotations.measured_covariates) {
    NumberStatistics statistics;
    const auto column = annotations.covariates.select(1, place).index_select(0, rows);
    const auto* const value = column.data_ptr<float>();
    for (std::int64_t i = 0; i < column.numel(); ++i) statistics.add(value[i]);
    if (!(statistics.most > statistics.least))
      refuse("covariate '" + annotations.covariate_names.at(static_cast<std::size_t>(place)) + "'",
             statistics, "Remove it from the covariates");
    scales_.push_back({place, statistics.mean,
                       std::sqrt(statistics.squares / static_cast<double>(statistics.count))});
  }
}

std::shared_ptr<const Samples> CovariateScale::apply(std::shared_ptr<const Samples> samples) const {
  if (scales_.empty()) return samples;
  auto annotations = samples->annotations();
  annotations.covariates = annotations.covariates.clone();
  for (const auto& [place, mean, deviation] : scales_) {
    auto column = annotations.covariates.select(1, place);
    column.copy_((column.to(at::kDouble) - mean) / deviation);
  }
  auto event = samples->event();
  return std::make_shared<ChangedSamples>(std::move(samples), std::move(event),
                                          std::move(annotations), nullptr);
}

}  // namespace varia
