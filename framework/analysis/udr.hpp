#pragma once

#include <string>
#include <vector>

#include "results/merged/results.hpp"

namespace varia::analysis {

// The unsupervised disentanglement ranking (Duan et al. 2020) of trials whose codes of the same
// images were recorded by the metric `udr`. No trial has it by itself: its score says how far its
// code is that of the other seeds of its setting (statistics/udr.hpp).

/// "test/udr_lasso" and "test/udr_spearman" for each split and name of the metric in the file.
std::vector<results::Column> udr_metrics(const results::Results& results);

/// Whether it is the name of one of them.
bool is_udr_metric(const results::Results& results, const std::string& metric);

/// The scores of trials that are done. Of several trials of one seed the last counts.
/// @param metric the name of one of udr_metrics
/// @returns      [trial]; NaN if it recorded no codes, or no other seed of its setting has codes of
///               as many images
std::vector<double> udr_scores(const results::Results& results, const std::string& metric);

}  // namespace varia::analysis
