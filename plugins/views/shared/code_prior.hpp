#pragma once

#include <memory>
#include <string>

#include "code_space.hpp"
#include "varia/component.hpp"
#include "varia/density.hpp"

namespace varia::views {

/// Where the codes of new images come from.
struct CodePriorParams : CodeViewParams {
  CodePriorParams();
  Component<Density> prior;
  Integer fit_images;

 protected:
  bool in_force(const Parameter& parameter) const override;
};

/// The model's prior, or a density that is fitted to codes of training images in its place.
/// @see Ghosh et al. 2020, section 4 (ex-post density estimation)
class CodePrior {
 public:
  /// @param sampled whether the density is fitted to a draw of each code, not to its mean
  /// @param subject who asks, for messages: "view samples"
  /// @throws ConfigError if the model has no such codes, or cannot draw its latent variables
  CodePrior(const CodePriorParams& params, const Build& build, bool sampled,
            const std::string& subject);

  /// Called before codes are drawn from a model that was trained since.
  void fit(const Evaluation& evaluation) const;
  /// n draws of every latent variable, each [1, n, E]. Those that are not part of the code are
  /// drawn from the prior given it.
  LatentValues draw(const Evaluation& evaluation, std::int64_t n) const;

 private:
  const CodePriorParams& params_;
  CodeOptions options_;
  std::shared_ptr<Density> density_;  // null: the model's prior
};

}  // namespace varia::views
