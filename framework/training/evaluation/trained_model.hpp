#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "results/code_file.hpp"
#include "training/components.hpp"
#include "training/evaluation/evaluator.hpp"

namespace varia::training {

/// Samples in the units of the files that they came from (varia::Units). Categories are one-hot, or
/// their probabilities. float64 on the CPU.
struct FileValues {
  Tensor observed;        ///< [B, E...], NaN if a number was not observed
  Tensor reconstruction;  ///< [B, E...], the mean of p(x | z)

  /// The observed numbers, and the reconstruction of those that were not. [B, E...]
  Tensor completed() const;
};

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

  /// What it is made of, with the kept parameters, in evaluation mode.
  const TrialComponents& components() const { return components_; }
  const Evaluator& evaluator() const { return evaluator_; }

  /// What the trial's views show. @throws TrialError
  std::vector<Evaluator::NamedRendering> render();

  /// The splits that there are: "train", "validation", "test".
  std::vector<std::string> splits() const;

  /// Encodes every image of a split and adds it to the file, some images at a time: posterior mean
  /// and standard deviation of every latent variable that is inferred, its place in the data's
  /// file, labels and factors if the data has them. The images are those that an evaluation sees.
  /// @param name one of `splits`
  /// @throws StoreError
  void encode(const std::string& name, results::CodeFile& file);

  /// Reconstructs every sample of a split, some at a time. z is the mean of the posterior if that
  /// is normal, else a draw. What was not observed does not reach the encoder.
  /// @param name  one of `splits`
  /// @param begin the place of the first of these samples in the split
  /// @throws TrialError if the likelihood has no mean
  using Visit =
      std::function<void(const FileValues& values, const Batch& batch, std::int64_t begin)>;
  void reconstruct(const std::string& name, const Visit& visit);

  /// Means of p(x | z) for z drawn from the prior, in the units of the files.
  /// @returns [count, E...] float64 on the CPU
  /// @throws TrialError if the model has no prior that can be drawn from, or the likelihood no mean
  Tensor sample(std::int64_t count);

  /// A split by one of the names in `splits`. @throws ConfigError
  const Split& split_of(const std::string& name) const;

 private:
  /// The mean of p(x | values) in the units of the files, [n, E...].
  /// @param observed whose values they are, null: draws
  /// @throws TrialError
  Tensor decoded(const LatentValues& values, const Batch* observed = nullptr);

  TrialComponents components_;
  Evaluator evaluator_;
  std::uint64_t seed_ = 0;  // the experiment's
  std::int64_t epoch_ = 0;
  Progress progress_;
};

}  // namespace varia::training
