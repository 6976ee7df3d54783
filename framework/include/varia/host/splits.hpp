#pragma once

#include <optional>
#include <vector>

#include "varia/dataset.hpp"

namespace varia {

/// The splits of one experiment's data.
struct Splits {
  DataSpec spec;
  Split train;
  std::optional<Split> validation;
  std::optional<Split> test;

  /// Those that there are.
  std::vector<const Split*> all() const { return those_of<const Split>(*this); }
  std::vector<Split*> all() { return those_of<Split>(*this); }

 private:
  template <class Part, class All>
  static std::vector<Part*> those_of(All& all) {
    std::vector<Part*> found = {&all.train};
    for (auto* other : {&all.validation, &all.test})
      if (other->has_value()) found.push_back(&**other);
    return found;
  }
};

/// Loads the data set and applies the options in this order: limit (the first images of train and
/// of test); held_out (classes that train loses); sample_size (a part of train); resize (once, kept
/// in memory, or when they are gathered if they are streamed); fold or validation (a part of what
/// is left of train); standardisation by the statistics of what is left of train. Which images a
/// part holds follows from split_seed; every part stays in the order of the file. The folds of one
/// split_seed are disjoint and cover the sample. With stratify, a class's count in a sample or
/// validation split is within one of its share, and in two folds differs by one at most.
/// @throws DataError also if the labels have gaps and `classes` is not given
/// @throws ConfigError if the options leave no image, ask for labels that the data does not have,
///         or for pixels in [0, 1] if there are other values, or need too much memory; or if a
///         number that is to be standardised has one value alone in the training split
VARIA_API Splits make_splits(Dataset& dataset, const DatasetParams& params);

}  // namespace varia
