#pragma once

#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrays/number_array.hpp"
#include "varia/dataset_params.hpp"
#include "varia/domain.hpp"

namespace varia::datasets {

/// The names of the arrays that the samples of a split are in.
struct ArrayNames {
  std::string images;
  std::optional<std::string> labels;
  std::optional<std::string> factors;
  std::vector<std::string> factor_names;
};

/// The parameters of a data set of arrays in a file. What its format is, a derived struct says.
struct ArrayParams : DatasetParams {
  /// @param format of the file: "an HDF5 file"
  /// @param images_default the name of the array of images if none is given
  ArrayParams(std::string format, std::string images_default);

  const std::string format;
  Text file;
  Text images;
  Choice layout{this,
                "layout",
                "auto",
                {"auto", "ND", "NHW", "NHWC", "NCHW"},
                "Order of the axes of the images: number, height, width, channels; ND: rows of "
                "numbers. auto goes by the number of axes, and by which has 1 to 4 entries."};
  Choice domain{this,
                "domain",
                "auto",
                {"auto", "unit", "real", "count"},
                "What the numbers are: in [0, 1], any real numbers, or counts. auto: unit for "
                "bytes, for images and with a range; real for rows of other numbers."};
  RealList range{this,
                 "range",
                 {},
                 {std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()},
                 "[low, high]: the numbers that stand for 0 and 1."};
  Real scale{this,
             "scale",
             1.0,
             {std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()},
             "The numbers of the file are multiplied by it (netCDF's scale_factor)."};
  Real offset{this,
              "offset",
              0.0,
              {std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()},
              "Then this is added to them (netCDF's add_offset)."};
  Choice max{this,
             "max",
             "auto",
             {"auto", "1", "255"},
             "The value of a byte that stands for 1. auto: 1 if the first 256 training images have "
             "no higher one, else 255."};
  Choice missing{this,
                 "missing",
                 "none",
                 {"none", "nan"},
                 "What stands for a value that was not observed; none: NaN is an error."};
  Text labels{this, "labels", kUnset, "Array of the training labels, [N], whole numbers from 0."};
  Text factors{this, "factors", kUnset,
               "Array of the known factors of the training images, [N, F]."};
  TextList factor_names{this, "factor_names", {}, "Names of the F factors."};
  Real test{this,
            "test",
            0.0,
            {0.0, 0.9},
            "The part of the images that is set aside as the test split, by split_seed."};
  Text test_images{this, "test_images", kUnset,
                   "Array of the test images, if they have their own."};
  Text test_labels{this, "test_labels", kUnset, "Array of the test labels."};
  Text test_factors{this, "test_factors", kUnset, "Array of the factors of the test images."};

  /// Opens the file.
  /// @throws DataError
  virtual std::unique_ptr<ArrayFile> open() const = 0;
  /// The files that are read.
  virtual std::vector<std::filesystem::path> files() const;
  /// The arrays of the training images: those that are named, and those of a known file.
  /// @throws DataError if `images` is auto, and the file is not known and has several arrays
  ArrayNames train_names(const ArrayFile& file) const;
  /// Those of the test images; nullopt if they have none of their own.
  std::optional<ArrayNames> test_names(const ArrayFile& file) const;
  Domain domain_of(const NumberArray& images) const;
  /// What `range`, or `scale` and `offset`, make of the numbers; nullopt if they are taken as they
  /// are.
  std::optional<Rescaling> rescaling() const;
  /// Samples that take more bytes than this are streamed, if their array is not used in place; so
  /// much memory they take. nullopt: they are read into memory.
  virtual std::optional<std::int64_t> window_bytes() const { return std::nullopt; }
  /// The one that fits the domain; for `auto`, the header of the file is read.
  /// @throws DataError
  std::string default_likelihood() const override;

 protected:
  void check() const override;
  bool in_force(const Parameter& parameter) const override;
  /// What the file knows an array as that a parameter names.
  virtual std::string name_of(const Text& parameter) const { return parameter(); }

 private:
  /// The rules of `range`, `scale` and `offset`.
  void check_rescaling() const;
  /// The domain that does not depend on the file.
  std::optional<Domain> given_domain() const;
  void take_names(ArrayNames& names, const Text& given_labels, const Text& given_factors) const;
};

}  // namespace varia::datasets
