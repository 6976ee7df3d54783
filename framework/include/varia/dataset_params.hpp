#pragma once

#include <limits>
#include <string>

#include "varia/parameters.hpp"

namespace varia {

/// `corrupt: {use: gaussian, scale: 0.3}`
struct VARIA_API GaussianCorruptionParams final : ParamSet {
  Real scale{this, "scale", 0.3, {0.0, 100.0}, "Standard deviation of the noise, white being 1."};
};

/// `corrupt: {use: mask, probability: 0.5}`
struct VARIA_API MaskCorruptionParams final : ParamSet {
  Real probability{this, "probability", 0.5, {0.0, 1.0}, "That a pixel becomes 0."};
};

/// `corrupt: {use: salt_pepper, probability: 0.2}`
struct VARIA_API SaltPepperCorruptionParams final : ParamSet {
  Real probability{
      this, "probability", 0.2, {0.0, 1.0}, "That a pixel becomes 0 or 1, each half of the time."};
};

/// How real numbers are brought to one scale, feature by feature.
enum class Standardise {
  none,
  zscore,  ///< less the mean, divided by the standard deviation (of n, not of n - 1)
  minmax,  ///< the least is 0 and the greatest 1; what lies beyond them in other splits is cut off
};

/// What every data set takes. Parameters of a data set derive from it.
struct VARIA_API DatasetParams : ParamSet {
  DatasetParams();
  ~DatasetParams() override;

  /// The likelihood of a model that names none. The default, bernoulli, is one of pixels.
  /// It may read the data set's files.
  virtual std::string default_likelihood() const;

  /// What becomes of the data's blocks of Domain::real once the splits are made: the statistics are
  /// those of the training split, so that they follow from the data and from what chooses that
  /// split. None by default.
  virtual Standardise standardisation() const;

  Integer batch{this, "batch", 128, {1, 1'000'000}, "Samples in a training batch."};
  Boolean shuffle{this, "shuffle", true, "A new random order of the training samples every epoch."};
  Choice binarize{
      this,
      "binarize",
      "none",
      {"none", "dynamic", "fixed", "threshold"},
      "Grey pixels to zeros and ones: dynamic draws them anew at every step of the training "
      "(Burda et al. 2016), fixed once and for all, threshold cuts at one half."};
  Variant corrupt{
      this,
      "corrupt",
      "none",
      {{"none", nullptr},
       Variant::option<GaussianCorruptionParams>("gaussian"),
       Variant::option<MaskCorruptionParams>("mask"),
       Variant::option<SaltPepperCorruptionParams>("salt_pepper")},
      "Noise on what the encoder sees, drawn anew at every step of the training, the same "
      "in every evaluation; the clean image is to be reconstructed (Im et al. 2017)."};
  Integer classes{this,
                  "classes",
                  kUnset,
                  {1, 1'000'000},
                  "How many classes the labels 0, 1, ... count; unset: one more than the largest "
                  "label, and every label must occur."};
  Integer limit{this,
                "limit",
                kUnset,
                {1, std::numeric_limits<std::int64_t>::max()},
                "Only the first images of the training and of the test images."};
  IntegerList held_out{this,
                       "held_out",
                       {},
                       {0, 1'000'000},
                       "Classes that the test split alone has, as anomalies: their samples are "
                       "taken out of the training images."};
  Real sample_size{this,
                   "sample_size",
                   1.0,
                   {0.0, 1.0},
                   "The part of the training images that is used at all, above 0."};
  Boolean stratify{this, "stratify", false,
                   "Every class in proportion, in sample, folds and validation."};
  Integer folds{this,
                "folds",
                kUnset,
                {2, 10'000},
                "Cross-validation: the training images are divided into so many folds, one of "
                "which is the validation split."};
  Integer fold{this,
               "fold",
               0,
               {0, 9'999},
               "Which fold is the validation split, counted from 0; the others are trained on."};
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
                     "Chooses which images are sampled and set aside; never the trial's seed."};

 protected:
  /// Overrides call these as well.
  void check() const override;
  bool in_force(const Parameter& parameter) const override;
};

}  // namespace varia
