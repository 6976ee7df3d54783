#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "varia/dataset.hpp"

/// The IDX format of LeCun's MNIST pages: two zero bytes, a type, the number of axes, the length of
/// each axis as a 32-bit big-endian number, then the values. Only files of unsigned bytes are read.
/// A file may be packed by gzip; its first bytes tell.
namespace varia::datasets {

/// Images; an unpacked file is mapped, a packed one is read into memory.
/// @returns [N, C, H, W] uint8, from a file of 3 axes (C is 1) or 4
/// @throws DataError if the file is missing, is not such an IDX file, is truncated or too long, or
///         is larger unpacked than this machine's memory allows
Tensor read_idx_images(const std::filesystem::path& path);

/// @returns [N] int64, from a file of one axis
/// @throws DataError as above
Tensor read_idx_labels(const std::filesystem::path& path);

/// One part of an IDX data set: a file of images and, if not empty, a file of labels.
/// @throws DataError if a file is missing or damaged, or the two have different lengths
std::shared_ptr<const Samples> load_idx_part(const std::filesystem::path& images,
                                             const std::filesystem::path& labels,
                                             const std::vector<std::string>& class_names = {});

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
  std::vector<std::int64_t> event_;  // of the training images, once they are loaded
};

/// A published data set of 60,000 training and 10,000 test images of 28x28 with ten classes: MNIST,
/// or one made in its likeness. Missing files are fetched.
class MnistLikeDataset : public Dataset {
 public:
  using Params = DatasetParams;
  /// @param name of the folder and for `fetch-data`
  /// @param published digest_of_files of its four files
  /// @param class_names empty: those of digits, which say no more than the labels
  MnistLikeDataset(std::string name, std::string published,
                   std::vector<std::string> class_names = {})
      : name_(std::move(name)),
        published_(std::move(published)),
        class_names_(std::move(class_names)) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  std::string name_;
  std::string published_;
  std::vector<std::string> class_names_;
};

}  // namespace varia::datasets
