#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/replicates.hpp"
#include "analysis/statistics/estimates.hpp"
#include "results/merged/results.hpp"

namespace varia::analysis {

/// The name under which a metric's value of each image is recorded: "test/nll_per_image".
std::string per_image(const std::string& metric);

/// True if `metric` has a value for each image.
bool is_per_image(const std::string& metric);

/// What two settings differ by on the images that both were measured on.
struct ImageDifference {
  std::size_t images = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();  ///< of a - b
  /// Student's, of 95%, over the images: how far the mean may be off for other images of the same
  /// kind. Other seeds are not in it.
  statistics::Interval interval;
};

/// The values that the trials of a file have for each image.
class ImageDifferences {
 public:
  /// @param metric "test/nll". The results must outlive this.
  ImageDifferences(const results::Results& results, const std::string& metric);

  /// Of each image the mean difference over the seeds, or values, that two samples of the metric
  /// share.
  /// @returns nullopt if a trial has no such values, or other images than another one
  std::optional<ImageDifference> between(const Sample& a, const Sample& b);

 private:
  /// Those of a trial's last epoch that are there; empty: none.
  const std::vector<double>& values_of(std::size_t trial);

  const results::Results& results_;
  std::string name_;
  bool is_recorded_;
  std::map<std::size_t, std::vector<double>> values_;  // by trial, as far as they were asked for
};

}  // namespace varia::analysis
