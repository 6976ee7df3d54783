#pragma once

#include <cstdint>
#include <string>

#include "results/folder/results_folder.hpp"

namespace varia::sweep {

/// The values that a search compares, of trials that are published or not.
class SearchValues {
 public:
  /// @param folder outlives this
  SearchValues(results::ResultsFolder& folder, std::string metric)
      : folder_(folder), metric_(std::move(metric)) {}

  /// @param ignored token of a published file that does not count, as the trial is trained anew
  results::TrialCurve of(const std::string& id, std::uint64_t ignored = 0) {
    return folder_.curve(id, metric_, ignored);
  }

 private:
  results::ResultsFolder& folder_;
  std::string metric_;
};

}  // namespace varia::sweep
