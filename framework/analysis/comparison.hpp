#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/image_differences.hpp"
#include "analysis/replicates.hpp"
#include "analysis/statistics/estimates.hpp"
#include "analysis/statistics/permutation_test.hpp"
#include "results/merged/results.hpp"

namespace varia::analysis {

struct ComparisonRequest {
  std::vector<std::string> metrics;  ///< none: default_metric()
  /// By position of the metric; neither or missing: as the metric declares.
  std::vector<Better> orders;
  std::vector<std::string> by;    ///< keys that tell settings apart; none: all that is swept
  std::vector<std::string> over;  ///< keys that are pooled
  std::vector<std::string> best;  ///< keys of which one value is chosen for each setting
  /// What settings are compared with: the setting of the trial in this row, ...
  std::optional<std::size_t> against_trial;
  /// ... or that with these values in place of the own ones: of each setting its own. Neither: the
  /// first of its class.
  std::vector<std::pair<std::string, std::string>> against_values;
};

/// What one metric says of one setting.
struct Estimate {
  Sample sample;
  statistics::Summary summary;  ///< of the sample's values
  /// Over what is shared with the reference; nullopt for the reference itself, and if the two are
  /// of different classes.
  std::optional<statistics::PairedDifference> difference;
  /// Of the same two settings, if the metric has values for each image.
  std::optional<ImageDifference> image_difference;
  /// p by Holm's correction for all settings that are compared; NaN without a p.
  double corrected_p = std::numeric_limits<double>::quiet_NaN();
  /// What corrected_p cannot be below, whatever the values are.
  double smallest_corrected_p = std::numeric_limits<double>::quiet_NaN();
};

struct ComparedSetting {
  std::vector<std::string> values;       ///< of Comparison::keys
  std::vector<std::string> chosen;       ///< of Comparison::best
  std::vector<std::size_t> trials;       ///< rows
  std::size_t class_index = 0;           ///< of Comparison::classes
  std::size_t rank = 0;                  ///< within its class, from 1; 0: no value to rank by
  statistics::Summary rank_summary;      ///< of the metric that ranks
  std::optional<std::size_t> reference;  ///< of Comparison::settings; may be itself
  std::vector<Estimate> estimates;       ///< by metric
  bool on_front = false;                 ///< of its class, if two metrics are compared
};

/// Settings side by side.
struct Comparison {
  std::vector<std::string> keys;  ///< tell settings apart
  std::vector<std::string> over;
  std::vector<std::string> best;
  std::vector<results::Column> metrics;  ///< with the order in force as info.better
  /// Of all estimates and differences: the inter-quartile mean if every setting that has values has
  /// enough of them (statistics::kBootstrapFrom), else the mean.
  statistics::Centre centre = statistics::Centre::mean;
  /// What ranks: the first metric, of the validation split if that has values.
  std::string ranked_by;
  /// What settings of a class have in common that others have not; { "" } if all are comparable.
  std::vector<std::string> classes;
  std::vector<ComparedSetting> settings;  ///< by class, then rank
  std::size_t trials = 0;                 ///< in the file
  std::vector<std::string> notes;         ///< what a reader should know
};

/// Compares the settings of a file by the values of metrics at the last epoch. With `best`, each
/// setting shows the value of these keys that is best on the validation split, by the first metric.
/// @throws ConfigError as group_trials and scalar_metric; for a value that is not there; for `best`
///         without a validation split, or over values whose metrics are not comparable
Comparison compare(const results::Results& results, const ComparisonRequest& request);

}  // namespace varia::analysis
