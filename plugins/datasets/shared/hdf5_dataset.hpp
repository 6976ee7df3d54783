#pragma once

#include <memory>
#include <string>

#include "varia/dataset.hpp"

namespace varia::datasets {

struct Hdf5Params final : DatasetParams {
  Text file{this, "file", kUnset,
            "HDF5 file. A relative path starts at the experiment file's folder."};
  Text images{this, "images", "images", "Array of the training images, uint8."};
  Choice layout{this,
                "layout",
                "auto",
                {"auto", "NHW", "NHWC", "NCHW"},
                "Order of the axes of the images: number, height, width, channels. auto goes by "
                "which axis has 1 to 4 entries."};
  Choice max{this,
             "max",
             "auto",
             {"auto", "1", "255"},
             "The pixel value that stands for 1. auto: 1 where the first 256 training images have "
             "no higher one, else 255."};
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

 protected:
  void check() const override;
};

/// Images from an HDF5 file. An array of images that is stored in one piece is mapped. One that is
/// compressed or in chunks is read into memory, only as many images as `limit` leaves.
class Hdf5Dataset final : public Dataset {
 public:
  using Params = Hdf5Params;
  explicit Hdf5Dataset(const Params& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  void load_and_divide();

  const Params& params_;
  std::vector<std::int64_t> event_;  // of the training images, once they are loaded
  // If `test` divides the images.
  std::shared_ptr<const Samples> train_;
  std::shared_ptr<const Samples> test_;
};

}  // namespace varia::datasets
