#include "images/cifar_dataset.hpp"

#include <ATen/Functions.h>

#include <filesystem>
#include <system_error>

#include "images/pixel_cache.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

namespace {
constexpr std::int64_t kSide = 32;
constexpr std::size_t kPixels = 3 * kSide * kSide;
}  // namespace

Cifar10::Cifar10(const Params& params)
    : CifarDataset({.name = "cifar10",
                    .archive = "cifar-10-binary.tar.gz",
                    .train = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                              "data_batch_4.bin", "data_batch_5.bin"},
                    .test = {"test_batch.bin"},
                    .class_names = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                                    "horse", "ship", "truck"}},
                   params.folder) {}

Cifar100::Cifar100(const Params& params)
    : CifarDataset({.name = "cifar100",
                    .archive = "cifar-100-binary.tar.gz",
                    .train = {"train.bin"},
                    .test = {"test.bin"},
                    .label_bytes = 2,
                    .label = params.labels.is("fine") ? 1U : 0U,
                    .classes = params.labels.is("fine") ? 100 : 20},
                   params.folder) {}

std::vector<fs::path> CifarDataset::files(const std::vector<std::string>& names) const {
  const auto folder =
      folder_.has_value() ? existing_input_path(folder_) : data_folder() / layout_.name;
  std::vector<fs::path> files;
  for (const auto& name : names) {
    std::error_code error;
    if (!fs::exists(folder / name, error)) {
      throw DataError(folder.string(), "has no file " + name + ". Unpack the files of " +
                                           layout_.archive +
                                           " there (www.cs.toronto.edu/~kriz/cifar.html).");
    }
    files.push_back(folder / name);
  }
  return files;
}

std::shared_ptr<const Samples> CifarDataset::load(std::string_view split) {
  const auto paths = files(split == "train" ? layout_.train : layout_.test);
  const auto record = layout_.label_bytes + kPixels;
  std::vector<std::unique_ptr<const MappedFile>> mapped;
  std::int64_t count = 0;
  for (const auto& path : paths) {
    mapped.push_back(std::make_unique<const MappedFile>(path));
    const auto size = mapped.back()->size();
    if (size % record != 0) {
      throw DataError(path.string(), "has " + std::to_string(size) +
                                         " bytes; expected records of " + std::to_string(record) +
                                         " bytes. Is it cut short?");
    }
    count += static_cast<std::int64_t>(size / record);
  }
  const auto labels = at::empty({count}, at::kLong);
  std::vector<const std::uint8_t*> images;
  for (const auto& file : mapped) {
    for (std::size_t place = 0; place < file->size(); place += record) {
      const auto* const bytes = file->data() + place;
      const std::int64_t label = bytes[layout_.label];
      if (label >= layout_.classes) {
        throw DataError(file->path().string(), "has a label of " + std::to_string(label) +
                                                   "; expected 0 to " +
                                                   std::to_string(layout_.classes - 1) + ".");
      }
      labels.data_ptr<std::int64_t>()[images.size()] = label;
      images.push_back(bytes + layout_.label_bytes);
    }
  }
  Sha256 key;
  key.update(layout_.name + " 1 " + digest_of_files(paths));
  const auto pixels =
      cached_pixels(key.digest(), {count, 3, kSide, kSide}, [&](PixelWriter& writer) {
        for (std::size_t i = 0; i < images.size(); ++i)
          writer.write(static_cast<std::int64_t>(i), images[i]);
      });
  for (const auto& file : mapped) require_whole(file->data());
  return std::make_shared<MemorySamples>(
      pixels,
      Annotations{.bounds = Range{0, 1}, .labels = labels, .class_names = layout_.class_names});
}

std::string CifarDataset::digest() {
  auto names = layout_.train;
  names.insert(names.end(), layout_.test.begin(), layout_.test.end());
  return digest_of_files(files(names));
}

}  // namespace varia::datasets
