#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "varia/dataset_params.hpp"
#include "varia/samples.hpp"
#include "varia/split.hpp"

namespace varia {

/// Samples with what is known of them (kind `dataset`).
class VARIA_API Dataset {
 public:
  using KindBase = Dataset;
  static constexpr const char* kKind = "dataset";
  virtual ~Dataset();

  /// @param split "train" or "test"
  /// @returns null if the data set has no such split.
  /// @throws DataError if its files are missing or damaged.
  virtual std::shared_ptr<const Samples> load(std::string_view split) = 0;

  /// A hash of all that the samples follow from: the digest of its files, say. A part of every
  /// trial's identity, and compared again before a trial is published.
  virtual std::string digest() = 0;
};

}  // namespace varia
