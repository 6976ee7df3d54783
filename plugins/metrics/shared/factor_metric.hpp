#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "factor_codes.hpp"
#include "factor_information.hpp"
#include "varia/build.hpp"
#include "varia/codes.hpp"
#include "varia/metric.hpp"
#include "varia/parameters.hpp"

// What the metrics of known factors share: which images they encode, by the protocols of Locatello
// et al. 2019, and what they refuse. Codes are posterior means.

namespace varia::metrics {

struct FactorsParams : EncodedImagesParams {
  explicit FactorsParams(std::int64_t images_by_default = 10'000);

  CodeOptions options() const { return {blocks(), false}; }
  /// @throws ConfigError if the data has no factors, or the model no such latent variables.
  void require(const Build& build) const;
};

/// A score of codes against factors: a number for which higher is better, after the last epoch.
class FactorMetric : public Metric {
 public:
  static constexpr std::int64_t kEvery = kAfterLast;
  std::string units(std::string_view) const override { return "1"; }
  Better better(std::string_view) const override { return Better::higher; }

 protected:
  FactorMetric(const FactorsParams& params, const Build& build);
  /// Of images of the evaluated split.
  FactorCodes encode(const Evaluation& evaluation) const;

 private:
  const FactorsParams& params_;
};

/// Of what is learned from the codes of training images and judged on those of the evaluated split.
struct LearnedFactorsParams : FactorsParams {
  LearnedFactorsParams();
  Integer train_images;
};

struct LearnedFactorCodes {
  FactorCodes train;
  FactorCodes judged;  ///< with the same values of factors
};

class LearnedFactorMetric : public FactorMetric {
 protected:
  LearnedFactorMetric(const LearnedFactorsParams& params, const Build& build);
  /// With the factors that vary among the training images.
  /// @throws Error if none does
  LearnedFactorCodes encode_both(const Evaluation& evaluation) const;

 private:
  const LearnedFactorsParams& params_;
};

/// Of what dimensions tell of factors.
struct InformationParams : FactorsParams {
  InformationParams();
  Choice estimator;
  Integer bins;
  Integer neighbours;

 protected:
  void check() const override;
  bool in_force(const Parameter& parameter) const override;
};

class InformationMetric : public FactorMetric {
 public:
  using Params = InformationParams;
  InformationMetric(const Params& params, const Build& build);

 protected:
  FactorInformation information(const FactorCodes& codes, Draw& draw) const;

 private:
  const Params& params_;
};

/// The numbers of a stream, drawn many at a time.
/// @param draw outlives what is returned
FillUniform uniform_numbers(Draw& draw);

}  // namespace varia::metrics
