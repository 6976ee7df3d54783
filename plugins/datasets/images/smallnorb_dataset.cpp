#include "images/smallnorb_dataset.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kLargestFactor = 1000;

std::int64_t little(const std::uint8_t* bytes) {
  std::int64_t number = 0;
  for (int i = 3; i >= 0; --i) number = number << 8 | bytes[i];
  return number;
}

/// A matrix in the format of the data set: type, number of axes, their lengths (at least three are
/// written), values; numbers of 32 bits have the least significant byte first.
class Matrix {
 public:
  /// @param sizes -1 stands for any length
  /// @throws DataError if the file is of another type or of other sizes
  Matrix(const fs::path& path, bool is_byte, std::vector<std::int64_t> sizes)
      : file_(std::make_shared<const MappedFile>(path)), sizes_(std::move(sizes)) {
    constexpr std::int64_t kBytes = 0x1e3d4c55;
    constexpr std::int64_t kIntegers = 0x1e3d4c54;
    offset_ = 8 + 4 * std::max<std::size_t>(3, sizes_.size());
    const auto* const header = file_->data();
    if (file_->size() < offset_ || little(header) != (is_byte ? kBytes : kIntegers) ||
        little(header + 4) != static_cast<std::int64_t>(sizes_.size())) {
      throw DataError(path.string(), "is not a file of small NORB: expected a matrix of " +
                                         std::to_string(sizes_.size()) + " axes of " +
                                         (is_byte ? "bytes" : "32-bit integers") +
                                         ". Is it still packed? (gunzip)");
    }
    auto left = static_cast<std::int64_t>(file_->size() - offset_) / (is_byte ? 1 : 4);
    const auto values = left;
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      const auto extent = little(header + 8 + 4 * i);
      if (extent < 1 || (sizes_[i] >= 0 && extent != sizes_[i]))
        throw DataError(path.string(),
                        "its axis " + std::to_string(i) + " has the length " +
                            std::to_string(extent) + "; expected " +
                            (sizes_[i] < 0 ? "1 or more" : std::to_string(sizes_[i])) + ".");
      sizes_[i] = extent;
      left /= extent;
    }
    if (left != 1 || c10::multiply_integers(sizes_) != values)
      throw DataError(path.string(), "its header says " + c10::str(at::IntArrayRef(sizes_)) +
                                         " values, but " + std::to_string(values) +
                                         " follow it. Is it cut short?");
  }

  std::int64_t rows() const { return sizes_.front(); }
  const fs::path& path() const { return file_->path(); }
  /// Of a matrix of bytes: `sizes` uint8, mapped.
  Tensor bytes() const { return mapped_tensor(file_, offset_, sizes_); }
  /// Of a matrix of integers: [rows, columns] int64. @throws DataError if one is negative or large
  Tensor integers() const {
    const auto result = at::empty({rows(), c10::multiply_integers(sizes_) / rows()}, at::kLong);
    auto* out = result.data_ptr<std::int64_t>();
    for (std::int64_t i = 0; i < result.numel(); ++i) {
      out[i] = little(file_->data() + offset_ + 4 * i);
      if (out[i] > kLargestFactor)
        throw DataError(path().string(), "has the number " + std::to_string(out[i]) + " in row " +
                                             std::to_string(i / result.size(1)) + ".");
    }
    require_whole(file_->data());
    return result;
  }

 private:
  std::shared_ptr<const MappedFile> file_;
  std::vector<std::int64_t> sizes_;
  std::size_t offset_ = 0;
};

void require_rows(const Matrix& matrix, const Matrix& images) {
  if (matrix.rows() == images.rows()) return;
  throw DataError(matrix.path().string(), "has " + std::to_string(matrix.rows()) +
                                              " rows for the " + std::to_string(images.rows()) +
                                              " pairs of images of " + images.path().string() +
                                              ".");
}

}  // namespace

std::vector<fs::path> SmallNorb::files(std::string_view split) const {
  const auto folder = params_.folder.has_value() ? existing_input_path(params_.folder)
                                                 : data_folder() / "smallnorb";
  const std::string begin = split == "train" ? "smallnorb-5x46789x9x18x6x2x96x96-training-"
                                             : "smallnorb-5x01235x9x18x6x2x96x96-testing-";
  std::vector<fs::path> files;
  for (const auto* const part : {"dat", "cat", "info"}) {
    const auto name = begin + part + ".mat";
    std::error_code error;
    if (!fs::exists(folder / name, error))
      throw DataError(folder.string(), "has no file " + name +
                                           ". Unpack the files of small NORB there "
                                           "(cs.nyu.edu/~ylclab/data/norb-v1.0-small).");
    files.push_back(folder / name);
  }
  return files;
}

std::shared_ptr<const Samples> SmallNorb::load(std::string_view split) {
  const auto paths = files(split);
  const Matrix images(paths[0], true, {-1, 2, -1, -1});
  const Matrix categories(paths[1], false, {-1});
  const Matrix others(paths[2], false, {-1, 4});  // instance, elevation, azimuth, lighting
  require_rows(categories, images);
  require_rows(others, images);

  const auto count = 2 * images.rows();
  const auto pixels = images.bytes();
  const auto number = at::arange(count, at::kLong);
  const auto camera = number.remainder(2);
  auto factors = at::cat({categories.integers(), others.integers()}, 1);
  factors.select(1, 3).floor_divide_(2);  // written as 0, 2, ..., 34
  factors = at::cat({factors.repeat_interleave(2, 0), camera.unsqueeze(1)}, 1);
  const bool both = params_.camera.is("both");
  Annotations annotations{
      .bounds = Range{0, 1},
      .labels = factors.select(1, 0).clone(),
      .class_names = {"animal", "human", "airplane", "truck", "car"},
      .factors = factors.slice(1, 0, both ? 6 : 5).to(at::kFloat).contiguous(),
      .factor_names = {"category", "instance", "elevation", "azimuth", "lighting"}};
  if (both) annotations.factor_names.emplace_back("camera");
  auto all = std::make_shared<MemorySamples>(
      pixels.view({count, 1, pixels.size(2), pixels.size(3)}), std::move(annotations));
  if (both) return all;
  const std::int64_t wanted = params_.camera.is("left") ? 0 : 1;
  return std::make_shared<SubsetSamples>(all, number.slice(0, wanted, count, 2).contiguous());
}

std::string SmallNorb::digest() {
  auto all = files("train");
  const auto test = files("test");
  all.insert(all.end(), test.begin(), test.end());
  return digest_of_files(all);
}

}  // namespace varia::datasets
