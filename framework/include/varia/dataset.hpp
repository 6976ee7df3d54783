#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "varia/parameters.hpp"
#include "varia/samples.hpp"
#include "varia/split.hpp"

namespace varia {

/// What every data set takes. Parameters of a data set derive from it.
struct VARIA_API DatasetParams : ParamSet {
  DatasetParams();
  ~DatasetParams() override;
  Integer batch{this, "batch", 128, {1, 1'000'000}, "Images in a training batch."};
  Boolean shuffle{this, "shuffle", true, "A new random order of the training images every epoch."};
  Choice binarize{this,
                  "binarize",
                  "none",
                  {"none", "dynamic", "threshold"},
                  "Grey pixels to zeros and ones: dynamic draws them anew each time (Burda et al. "
                  "2016), threshold cuts at one half."};
  Integer limit{this,
                "limit",
                kUnset,
                {1, std::numeric_limits<std::int64_t>::max()},
                "Only the first images of the training and of the test images."};
  IntegerList resize{this,
                     "resize",
                     {},
                     {1, 4096},
                     "[height, width]; images are resampled by area when made smaller, bilinearly "
                     "when made larger."};
  Real validation{this,
                  "validation",
                  0.0,
                  {0.0, 0.9},
                  "The part of the training images that is set aside as the validation split."};
  Integer split_seed{this,
                     "split_seed",
                     0,
                     {0, std::numeric_limits<std::int64_t>::max()},
                     "Chooses which images are set aside; never the trial's seed."};

 protected:
  /// An override calls this one as well.
  void check() const override;
};

/// Images with what is known of them (kind `dataset`).
class VARIA_API Dataset {
 public:
  using KindBase = Dataset;
  static constexpr const char* kKind = "dataset";
  virtual ~Dataset();

  /// @param split "train" or "test"
  /// @returns null where the data set has no such split.
  /// @throws DataError where its files are missing or damaged.
  virtual std::shared_ptr<const Samples> load(std::string_view split) = 0;

  /// A hash of all that the samples follow from: the digest of its files, say. A part of every
  /// trial's identity.
  virtual std::string digest() = 0;
};

/// The splits of one experiment's data.
struct Splits {
  DataSpec spec;
  Split train;
  std::optional<Split> validation;
  std::optional<Split> test;
};

/// Loads the data set and applies the options in this order: limit (the first images of train and
/// of test), validation (a part of what is left of train, by a permutation that follows from
/// split_seed; both parts stay in the order of the file), resize (once, kept in memory).
/// @throws DataError, or ConfigError where the options leave no image or need too much memory.
VARIA_API Splits make_splits(Dataset& dataset, const DatasetParams& params);

}  // namespace varia
