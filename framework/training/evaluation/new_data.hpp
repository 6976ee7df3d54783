#pragma once

#include <memory>
#include <vector>

#include "training/components.hpp"

namespace varia::training {

/// Data that a model was not trained on, as it sees its own: of the same shape and domains, on the
/// scale of its training split, and where it is told classes, with the labels that these have
/// there.
class NewData {
 public:
  /// @param section     as an experiment's `data`. It is not standardised by its own statistics.
  /// @param own_section resolved: what the model was trained on
  /// @param trained     the model, and what it was trained on, opened
  /// @throws ConfigError, DataError if it cannot be opened, is not of the same spec, or has a class
  ///         that a model which is told classes does not know
  NewData(Value section, const Value& own_section, const TrialComponents& trained,
          const Registry& registry, DataCache& cache);

  std::vector<const Split*> splits() const { return data_->splits.all(); }
  /// A batch of one of them as the model takes it.
  Batch as_own(const Batch& batch) const;

 private:
  std::shared_ptr<const Data> data_;
  std::vector<DataBlock> blocks_;  // of the model's own data
  Units own_units_;                // undefined members if that is not standardised
  Tensor own_labels_;              // see labels_of_classes; undefined if the model is told none
};

}  // namespace varia::training
