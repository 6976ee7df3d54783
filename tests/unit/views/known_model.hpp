#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "varia/build.hpp"
#include "varia/error.hpp"
#include "varia/model.hpp"
#include "varia/view.hpp"

namespace varia::test {

/// A model whose pictures can be read: images [1, 1, D + K] in which pixel d is 0.5 + z_d / 100 and
/// the last K pixels are the one-hot category. The posterior has its mean there and the standard
/// deviation 1.
class KnownModel final : public Model {
 public:
  /// @param dimensions D
  /// @param categories K; 0: no categorical variable "c"
  /// @param observed   whether "c" is a label that is given
  explicit KnownModel(std::int64_t dimensions, std::int64_t categories = 0, bool observed = false);
  std::vector<Latent> latents() const override;
  std::vector<Block> encode(const Batch& batch, Draw& draw) override;
  DistributionPtr decode(const LatentValues& values) override;

 private:
  std::int64_t dimensions_;
  std::int64_t categories_;
  bool observed_;
};

/// Images that KnownModel decodes from codes and categories.
/// @param codes      [n, D]
/// @param categories [n] int64, or undefined
/// @param labels     [n] int64, or undefined
Split known_split(const std::string& name, const Tensor& codes, const Tensor& labels = {},
                  const Tensor& categories = {}, std::int64_t category_count = 0,
                  std::vector<std::string> class_names = {});

/// The codes in tiles of KnownModel.
/// @param tiles [..., 1, 1, D + K]
/// @returns     [..., D] float64
Tensor codes_in(const Tensor& tiles, std::int64_t dimensions);

/// True where two tensors of codes differ by less than what float32 pixels lose.
bool same_codes(const Tensor& a, const Tensor& b);

/// What a view shows of a model, as an experiment would configure it: "{use: samples, rows: 2}".
Rendering show(const std::string& view, Model& model, const Split& train, const Split& test);
Rendering show(const std::string& view, Model& model, const Split& both);

/// The stream of random numbers that `measure` gives a metric.
constexpr std::uint64_t kMeasureKey = 5;

/// The values of a metric on `split`.
Values measure(const std::string& metric, Model& model, const Split& train, const Split& split);
Values measure(const std::string& metric, Model& model, const Split& both);

}  // namespace varia::test
