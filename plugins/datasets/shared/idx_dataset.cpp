#include "idx_dataset.hpp"

#include "idx_file.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

std::shared_ptr<const Samples> load_idx_part(const fs::path& images, const fs::path& labels) {
  const auto pixels = read_idx_images(images);
  Tensor classes;
  if (!labels.empty()) {
    classes = read_idx_labels(labels);
    if (classes.size(0) != pixels.size(0)) {
      throw DataError(labels.string(), "has " + std::to_string(classes.size(0)) +
                                           " labels for the " + std::to_string(pixels.size(0)) +
                                           " images of " + images.string() + ".");
    }
  }
  return std::make_shared<MemorySamples>(pixels, classes);
}

void IdxParams::check() const {
  DatasetParams::check();
  if (!images.has_value()) fail(images, "expected the path of an IDX file, found nothing.");
  if (test_labels.has_value() && !test_images.has_value())
    fail(test_labels, "there are no test images that these could belong to: give 'test_images'.");
}

std::shared_ptr<const Samples> IdxDataset::load(std::string_view split) {
  const bool train = split == "train";
  const auto& images = train ? params_.images : params_.test_images;
  const auto& labels = train ? params_.labels : params_.test_labels;
  if (!images.has_value()) return nullptr;
  return load_idx_part(input_path(images), labels.has_value() ? input_path(labels) : fs::path());
}

std::string IdxDataset::digest() {
  std::vector<fs::path> files;
  std::string roles;
  for (const auto* file :
       {&params_.images, &params_.labels, &params_.test_images, &params_.test_labels}) {
    roles += file->has_value() ? '1' : '0';
    if (file->has_value()) files.push_back(input_path(*file));
  }
  Sha256 hash;
  hash.update(roles + digest_of_files(files));
  return hash.digest();
}

namespace {
const std::vector<std::string> kFiles = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                         "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
}  // namespace

std::shared_ptr<const Samples> MnistLikeDataset::load(std::string_view split) {
  const auto folder = require_data(name_, kFiles);
  const std::size_t first = split == "train" ? 0 : 2;
  const auto images = folder / kFiles[first];
  auto samples = load_idx_part(images, folder / kFiles[first + 1]);
  const std::int64_t count = split == "train" ? 60'000 : 10'000;
  if (samples->size() != count || samples->image_shape() != std::vector<std::int64_t>{1, 28, 28} ||
      samples->labels().max().item<std::int64_t>() > 9) {
    throw DataError(images.string(), "is not the file of " + name_ + ": expected " +
                                         std::to_string(count) +
                                         " images of 28x28 with labels 0 to 9. Remove the folder, "
                                         "and it is fetched again.");
  }
  return samples;
}

std::string MnistLikeDataset::digest() {
  const auto folder = require_data(name_, kFiles);
  std::vector<fs::path> files;
  for (const auto& file : kFiles) files.push_back(folder / file);
  return digest_of_files(files);
}

}  // namespace varia::datasets
