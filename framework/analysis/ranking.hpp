#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

/// The metrics that are single numbers, in the order of the file, then those of udr_metrics.
std::vector<std::string> scalar_metrics(const results::Results& results);

/// [trial] the value of one of them at each trial's last epoch.
std::vector<double> final_values(const results::Results& results, const std::string& metric);

/// What trials are judged by unless another metric is named: the first that has values. "test/elbo"
/// is the unweighted bound, which settings of every loss have in common.
inline constexpr std::array kDefaultMetrics{"test/elbo",       "validation/elbo", "test/loss",
                                            "validation/loss", "train/elbo",      "train/loss"};

/// The first of kDefaultMetrics that the file has values of, else any metric; "" without metrics.
std::string default_metric(const results::Results& results);

/// What settings or trials are ranked by if they are judged by `metric`: for a metric of the test
/// split that of the validation split, if there is one.
std::string ranking_metric(const results::Results& results, const std::string& metric);

/// @throws ConfigError if the file has no such metric
const results::Column& metric_column(const results::Results& results, const std::string& metric);

/// A metric to rank by, with the order in force as info.better.
/// @param asked which values rank first; neither: as the metric declares
/// @throws ConfigError if there is no such metric, it is not a single number, or nothing says which
///         of its values rank first
results::Column scalar_metric(const results::Results& results, const std::string& metric,
                              Better asked);

/// Whether a value ranks before another one; NaN ranks last.
bool ranks_before(double a, double b, Better better);

/// The name of the same metric on the validation split.
std::string on_validation(const std::string& metric);

/// The metric of the validation split with the same name; nullopt if no trial has a value of it.
std::optional<std::string> validation_metric(const results::Results& results,
                                             const std::string& metric);

/// The points that no other point is at least as good as in both coordinates and better in one, by
/// x, the best x first. Equal points are all on the front or all off it; one with a NaN is off it.
/// @param x, y of equal length
std::vector<std::size_t> pareto_front(std::span<const double> x, std::span<const double> y,
                                      Better better_x, Better better_y);

/// Which trials may be ranked together: those of one class. A value is ranked against values of the
/// same quantity alone:
/// - trials of different data (every `data.*` key but those that choose training images: batch,
///   shuffle, sample_size, stratify, folds, fold, validation, split_seed) are apart for all
///   metrics;
/// - trials of different likelihoods, or whose ELBO bounds another quantity, are apart for metrics
///   in nats or bits;
/// - a loss is another quantity with other parameters of the loss.
/// Of several metrics, what matters for one of them matters.
/// @param metrics "test/elbo", ...
/// @returns [trial] what tells its class from the others: "model.likelihood.use=bernoulli,
///          bound=log p(x)"; "" for the only class
std::vector<std::string> comparable_classes(const results::Results& results,
                                            const std::vector<std::string>& metrics);

}  // namespace varia::analysis
