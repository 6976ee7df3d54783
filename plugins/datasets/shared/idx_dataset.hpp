#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "varia/dataset.hpp"

namespace varia::datasets {

/// One part of an IDX data set: a file of images and, if not empty, a file of labels.
/// @throws DataError where a file is missing or damaged, or the two have different lengths.
std::shared_ptr<const Samples> load_idx_part(const std::filesystem::path& images,
                                             const std::filesystem::path& labels);

struct IdxParams final : DatasetParams {
  Text images{this, "images", kUnset,
              "IDX file of the training images, [N, H, W] or [N, C, H, W]; it may be packed (gz). "
              "A relative path starts at the experiment file's folder."};
  Text labels{this, "labels", kUnset, "IDX file of the training labels, [N]."};
  Text test_images{this, "test_images", kUnset, "IDX file of the test images."};
  Text test_labels{this, "test_labels", kUnset, "IDX file of the test labels."};

 protected:
  void check() const override;
};

/// Any IDX files.
class IdxDataset final : public Dataset {
 public:
  using Params = IdxParams;
  explicit IdxDataset(const Params& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  const Params& params_;
};

/// A published data set of 60,000 training and 10,000 test images of 28x28 with ten classes: MNIST,
/// or one made in its likeness. Its files are fetched where they are missing.
class MnistLikeDataset : public Dataset {
 public:
  using Params = DatasetParams;
  /// @param name of the folder and for `fetch-data`
  explicit MnistLikeDataset(std::string name) : name_(std::move(name)) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  std::string name_;
};

}  // namespace varia::datasets
