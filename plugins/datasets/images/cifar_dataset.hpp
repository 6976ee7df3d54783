#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "varia/dataset.hpp"

/// The binary files of CIFAR-10 and CIFAR-100 (Krizhevsky 2009): records of one or two labels, a
/// byte each, and 3072 bytes [3, 32, 32].
namespace varia::datasets {

struct Cifar10Params final : DatasetParams {
  Text folder{
      this, "folder", kUnset,
      "Folder of data_batch_1.bin to data_batch_5.bin and test_batch.bin; unset: cifar10 in "
      "the Varia data folder."};
};

struct Cifar100Params final : DatasetParams {
  Text folder{this, "folder", kUnset,
              "Folder of train.bin and test.bin; unset: cifar100 in the Varia data folder."};
  Choice labels{
      this, "labels", "fine", {"fine", "coarse"}, "100 classes, or the 20 to which they belong."};
};

/// What is common to both. Pixels are copied once into a file that all processes map (pixel_cache).
class CifarDataset : public Dataset {
 public:
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 protected:
  struct Layout {
    std::string name;     ///< of the folder in data_folder()
    std::string archive;  ///< in which the files are published
    std::vector<std::string> train, test;
    std::size_t label_bytes = 1;
    std::size_t label = 0;  ///< which of those bytes
    std::int64_t classes = 10;
    std::vector<std::string> class_names = {};
  };
  /// @param folder outlives the data set
  CifarDataset(Layout layout, const Text& folder) : layout_(std::move(layout)), folder_(folder) {}

 private:
  std::vector<std::filesystem::path> files(const std::vector<std::string>& names) const;

  Layout layout_;
  const Text& folder_;
};

class Cifar10 final : public CifarDataset {
 public:
  using Params = Cifar10Params;
  explicit Cifar10(const Params& params);
};

class Cifar100 final : public CifarDataset {
 public:
  using Params = Cifar100Params;
  explicit Cifar100(const Params& params);
};

}  // namespace varia::datasets
