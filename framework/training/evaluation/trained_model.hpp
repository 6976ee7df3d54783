#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "results/code_file.hpp"
#include "training/components.hpp"
#include "training/evaluation/evaluator.hpp"

namespace varia::training {

/// A trial's model with the parameters that were kept of it, to look at it again: views draw what
/// they would have drawn at the end of the run, with the same images and the same noise.
class TrainedModel {
 public:
  /// @param trial      with the views that are asked for; outlives it
  /// @param parameters the file of its kept parameters
  /// @throws ConfigError, DataError as a run; StoreError if the file is not there, is damaged,
  ///         or does not hold the parameters of this trial
  TrainedModel(const experiment::Trial& trial, const Registry& registry, DataCache& data,
               const std::filesystem::path& parameters);

  /// The epoch that the parameters are of; 0: before the first one.
  std::int64_t epoch() const { return epoch_; }

  /// What the trial's views show. @throws TrialError
  std::vector<Evaluator::NamedRendering> render();

  /// The splits that there are: "train", "validation", "test".
  std::vector<std::string> splits() const;

  /// Encodes every image of a split and adds it to the file, some images at a time: posterior mean
  /// and standard deviation of every latent variable that is inferred, labels and factors if the
  /// data has them. The images are those that an evaluation sees.
  /// @param split one of `splits`
  /// @throws StoreError
  void encode(const std::string& split, results::CodeFile& file);

 private:
  const Split& split_of(const std::string& name) const;

  TrialComponents components_;
  Evaluator evaluator_;
  std::int64_t epoch_ = 0;
  Progress progress_;
};

}  // namespace varia::training
