#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "varia/model.hpp"
#include "varia/parameters.hpp"

namespace varia::models {

/// Which codes a model has. A member of a model's parameters, which own them.
struct JointCodeParams {
  JointCodeParams(ParamSet* owner, std::vector<std::int64_t> default_categorical);

  IntegerList gaussian;
  IntegerList categorical;
  Scheduled temperature;
  Boolean straight_through;

  bool is_empty() const { return gaussian().empty() && categorical().empty(); }
};

/// Gaussian and categorical codes, any number of each, all from one vector of numbers. Categories
/// are relaxed in training and one-hot in evaluation.
class JointCode {
 public:
  /// @param params outlive it
  explicit JointCode(const JointCodeParams& params);

  /// What an encoder gives for one image, in this order.
  struct Part {
    std::string name;  ///< "means of z"
    std::int64_t size;
  };
  std::vector<Part> parts() const;
  /// Numbers of all parts.
  std::int64_t encoded_size() const;
  /// Dimensions of all codes.
  std::int64_t size() const;

  std::vector<Latent> latents(torch::Device device) const;
  /// @param encoded [1, B, encoded_size()]
  std::vector<Block> blocks(const Tensor& encoded, Draw& draw, bool training) const;
  /// The values of all codes side by side, [K, B, size()].
  Tensor joined(const LatentValues& values) const;
  /// As Model::bound.
  std::string_view bound(bool training) const;

 private:
  const JointCodeParams& params_;
  std::vector<std::string> gaussian_names_;
  std::vector<std::string> categorical_names_;
};

}  // namespace varia::models
