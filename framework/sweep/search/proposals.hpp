#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/plan.hpp"

namespace varia::sweep {

/// A point that was proposed, and what it was based on.
struct Proposal {
  Value point;  ///< a map from every key of `random` to its value
  /// The indices of the points whose results were known, such as "0-9, 11".
  std::string results;
};

/// `results/<name>/proposals.yaml`: the points that a search has proposed, so that every command
/// knows the trials. It is written whole, by one run at a time.
///
///     - space: {optimizer.lr: {log_uniform: [1e-4, 1e-2]}}
///       seed: 0
///       points:
///         - {index: 10, values: {optimizer.lr: 0.00123}, results: 0-9}
///
/// Points belong to a space and a seed: if the keys of `random` or their distributions are
/// edited, the search begins anew, and resumes with the old points when they are edited back.
class ProposalFile {
 public:
  ProposalFile(std::filesystem::path path, Value random, std::int64_t seed);

  /// Those of this space; none if there is no file.
  /// @throws StoreError if the file is damaged
  std::vector<Proposal> read() const;
  /// Replaces those of this space. @param startup index of the first one @throws StoreError
  void write(const std::vector<Proposal>& proposals, std::size_t startup) const;

 private:
  std::vector<Value> sections() const;
  bool is_own(const Value& section) const;

  std::filesystem::path path_;
  Value space_;
  std::int64_t seed_;
};

/// The points alone.
experiment::ProposedPoints points_of(const std::vector<Proposal>& proposals);

/// "0-9, 11" of indices in ascending order.
std::string ranges_text(const std::vector<std::size_t>& indices);

}  // namespace varia::sweep
