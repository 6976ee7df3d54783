#include "hdf5_dataset.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "hdf5/dataset.hpp"
#include "test_share.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

void Hdf5Params::check() const {
  DatasetParams::check();
  if (!file.has_value()) fail(file, "expected the path of an HDF5 file, found nothing.");
  if (test() > 0 && test_images.has_value())
    fail(test, "the test images are those of 'test_images': give one of the two.");
  for (const auto* const other : {&test_labels, &test_factors}) {
    if (other->has_value() && !test_images.has_value())
      fail(*other, "there are no test images that these could belong to: give 'test_images'.");
  }
  if (!factor_names().empty() && !factors.has_value())
    fail(factor_names, "there are no factors to be named: give 'factors'.");
}

namespace {

constexpr std::int64_t kMostChannels = 4;
constexpr std::int64_t kLargestLabel = 1'000'000;
constexpr std::int64_t kMostRows = 100'000'000;
constexpr std::int64_t kMostRowBytes = std::int64_t{1} << 32;
constexpr std::int64_t kBlockBytes = std::int64_t{1} << 24;

/// An array of numbers in an HDF5 file, open for reading. Its first axis counts rows.
class Hdf5Array {
 public:
  /// @param name path of the HDF5 data set in the file: "images", "latents/values"
  /// @throws DataError if there is no such file or array, or it has no rows of numbers
  Hdf5Array(const fs::path& file, std::string name);

  const hdf5::Shape& sizes() const { return sizes_; }
  std::int64_t rows() const { return sizes_.front(); }
  std::string shape_text() const { return c10::str(at::IntArrayRef(sizes_)); }
  bool is_byte() const { return hdf5::is_byte(array_); }
  bool is_integer() const { return hdf5::class_of(array_) == H5T_INTEGER; }
  /// Of values that can be mapped; nullopt for an array in chunks.
  std::optional<std::uint64_t> offset() const { return hdf5::offset_of(array_); }
  /// "file: name", for messages.
  std::string place() const { return file_.file->path + ": " + name_; }

  /// Reads the chosen rows, block by block.
  /// @param rows [R] int64, ascending
  /// @param type uint8, int64 or float32
  /// @returns    [R, other axes]
  /// @throws DataError if the result takes more than half of this machine's memory
  Tensor read(const Tensor& rows, at::ScalarType type) const;

 private:
  void check() const;
  void read_block(std::int64_t begin, std::int64_t end, const Tensor& out) const;

  std::string name_;
  hdf5::Object file_;
  hdf5::Object array_;
  hdf5::Shape sizes_;
};

hdf5::Object open_array(const hdf5::Object& file, const std::string& name) {
  if (hdf5::exists(file, name)) return hdf5::open_dataset(file, name);
  const auto known = hdf5::dataset_names(file, 50);
  throw DataError(file.file->path, "has no array '" + name + "'. " +
                                       (known.empty() ? "It has none." : suggestion(name, known)));
}

Hdf5Array::Hdf5Array(const fs::path& file, std::string name)
    : name_(std::move(name)),
      file_(hdf5::open_file(file.string(), /*is_data=*/true)),
      array_(open_array(file_, name_)),
      sizes_(hdf5::shape_of(array_)) {
  check();
}

void Hdf5Array::check() const {
  if (hdf5::is_elsewhere(array_)) {
    throw DataError(place(),
                    "its values are in other files. Copy them into one file, for instance "
                    "with h5repack.");
  }
  if (!is_integer() && hdf5::class_of(array_) != H5T_FLOAT)
    throw DataError(place(), "does not hold numbers.");
  if (sizes().empty()) throw DataError(place(), "is a single number, not an array.");
  // Bounds first: their product is used as a number of bytes.
  std::int64_t row_bytes = 8;
  for (std::size_t i = 0; i < sizes().size(); ++i) {
    const auto most = i == 0 ? kMostRows : kMostRowBytes / row_bytes;
    if (sizes()[i] == 0 || sizes()[i] > most) {
      throw DataError(place(), "has " + std::to_string(sizes()[i]) + " entries along axis " +
                                   std::to_string(i) + "; from 1 to " + std::to_string(most) +
                                   " can be read.");
    }
    if (i > 0) row_bytes *= sizes()[i];
  }
  // Before anything is said of the memory that its rows would take.
  if (!hdf5::is_written(array_, hdf5::Shape(sizes().size(), 0), hdf5::Shape(sizes().size(), 1)))
    throw DataError(place(),
                    "was never written: the file says how large it is, and has no values.");
}

Tensor Hdf5Array::read(const Tensor& rows, at::ScalarType type) const {
  auto shape = sizes();
  shape[0] = rows.size(0);
  std::int64_t row_bytes = type == at::kByte ? 1 : type == at::kLong ? 8 : 4;
  for (std::size_t i = 1; i < shape.size(); ++i) row_bytes *= shape[i];
  // Whole chunks, so that each is unpacked once.
  const auto chunk = hdf5::chunk_of(array_);
  const auto chunk_rows = chunk.empty() ? 1 : std::clamp<std::int64_t>(chunk[0], 1, this->rows());
  const auto chunks = std::max<std::int64_t>(1, kBlockBytes / row_bytes / chunk_rows);
  const auto block = std::min(chunks * chunk_rows, this->rows());
  if (shape[0] + block > memory_for_data() / row_bytes) {
    throw DataError(place(), "reading " + std::to_string(shape[0]) + " of its " +
                                 std::to_string(this->rows()) + " rows of " +
                                 std::to_string(row_bytes) +
                                 " bytes takes more than half of this machine's memory. Read "
                                 "fewer by 'limit', or store the array unpacked and not in chunks "
                                 "(h5repack -f NONE -l CONTI): it is then not loaded whole.");
  }

  const auto result = at::empty(shape, type);
  const auto* const wanted = rows.data_ptr<std::int64_t>();
  for (std::int64_t done = 0; done < shape[0];) {
    const auto begin = wanted[done] / block * block;
    const auto end = std::min(begin + block, this->rows());
    const auto* const next = std::lower_bound(wanted + done, wanted + shape[0], end);
    const auto count = next - (wanted + done);
    const auto out = result.slice(0, done, done + count);
    if (wanted[done] + count == *(next - 1) + 1) {
      read_block(wanted[done], wanted[done] + count, out);
    } else {
      shape[0] = end - begin;
      const auto part = at::empty(shape, type);
      shape[0] = rows.size(0);
      read_block(begin, end, part);
      out.copy_(part.index_select(0, rows.slice(0, done, done + count) - begin));
    }
    done += count;
  }
  return result;
}

void Hdf5Array::read_block(std::int64_t begin, std::int64_t end, const Tensor& out) const {
  hdf5::Shape first(sizes().size(), 0);
  hdf5::Shape count = sizes();
  first[0] = begin;
  count[0] = end - begin;
  if (!hdf5::is_written(array_, first, count)) {
    throw DataError(place(), "not all of its rows " + std::to_string(begin) + " to " +
                                 std::to_string(end - 1) +
                                 " were ever written: the file has no values of them.");
  }
  const hid_t type = out.scalar_type() == at::kByte   ? hdf5::type_of<std::uint8_t>()
                     : out.scalar_type() == at::kLong ? hdf5::type_of<std::int64_t>()
                                                      : hdf5::type_of<float>();
  hdf5::read_box(array_, first, count, type, out.data_ptr());
}

/// Images as [N, C, H, W] from the order of axes in the file.
Tensor in_order(const Tensor& images, const std::string& layout) {
  if (layout == "NHW") return images.unsqueeze(1);
  return layout == "NHWC" ? images.permute({0, 3, 1, 2}) : images;
}

std::string layout_of(const Hdf5Array& images, const std::string& asked) {
  const auto& sizes = images.sizes();
  const auto found = ", found " + images.shape_text() + ".";
  if (sizes.size() != 3 && sizes.size() != 4)
    throw DataError(images.place(),
                    "expected images [N, H, W], [N, H, W, C] or [N, C, H, W]" + found);
  if (asked != "auto") {
    if (sizes.size() != asked.size())
      throw DataError(images.place(), "expected images of layout " + asked + found);
    return asked;
  }
  if (sizes.size() == 3) return "NHW";
  const bool first = sizes[1] <= kMostChannels;
  const bool last = sizes[3] <= kMostChannels;
  if (first == last) {
    throw DataError(images.place(),
                    "which axis holds the channels? Set 'layout' to NHWC or NCHW" + found);
  }
  return last ? "NHWC" : "NCHW";
}

/// The pixel value that stands for 1, judged by the training images for the test images, too.
std::uint8_t max_of(const Hdf5Params& params) {
  if (!params.max.is("auto")) return params.max.is("1") ? 1 : 255;
  const Hdf5Array images(input_path(params.file), params.images());
  const auto rows = at::arange(std::min<std::int64_t>(images.rows(), 256), at::kLong);
  return images.read(rows, at::kByte).max().item<std::uint8_t>() <= 1 ? 1 : 255;
}

void require_rows(const Hdf5Array& array, const Hdf5Array& images) {
  if (array.rows() == images.rows()) return;
  throw DataError(array.place(), "has " + std::to_string(array.rows()) + " rows for the " +
                                     std::to_string(images.rows()) + " images of " +
                                     images.place() + ".");
}

Tensor read_labels(const Hdf5Array& array, const Tensor& rows) {
  const auto& sizes = array.sizes();
  if (sizes.size() > 2 || (sizes.size() == 2 && sizes[1] != 1)) {
    throw DataError(array.place(), "expected one label for each image, [N], found " +
                                       array.shape_text() + ". Are these 'factors'?");
  }
  if (!array.is_integer())
    throw DataError(array.place(), "expected labels that are whole numbers, found floats.");
  const auto labels = array.read(rows, at::kLong).reshape({-1});
  const auto least = labels.min().item<std::int64_t>();
  const auto most = labels.max().item<std::int64_t>();
  if (least < 0 || most > kLargestLabel) {
    throw DataError(array.place(), "expected labels from 0 to " + std::to_string(kLargestLabel) +
                                       ", found " + std::to_string(least < 0 ? least : most) + ".");
  }
  return labels;
}

Tensor read_factors(const Hdf5Array& array, const Tensor& rows,
                    const std::vector<std::string>& names) {
  if (array.sizes().size() > 2)
    throw DataError(array.place(), "expected factors [N, F], found " + array.shape_text() + ".");
  const auto factors = array.read(rows, at::kFloat).reshape({rows.size(0), -1});
  if (!names.empty() && static_cast<std::int64_t>(names.size()) != factors.size(1)) {
    throw DataError(array.place(), "has " + std::to_string(factors.size(1)) + " factors, but " +
                                       std::to_string(names.size()) + " 'factor_names' are given.");
  }
  if (!at::isfinite(factors).all().item<bool>())
    throw DataError(array.place(), "has factors that are not finite numbers.");
  return factors;
}

/// The first `limit` entries of an index.
Tensor limited(const Tensor& rows, const Hdf5Params& params) {
  return params.limit.has_value() ? rows.slice(0, 0, params.limit()) : rows;
}

/// The rows to load: `wanted`, or all if the images are mapped, since these take no memory.
Tensor rows_to_load(const Hdf5Array& images, const Tensor& wanted) {
  return images.offset() ? at::arange(images.rows(), at::kLong) : wanted;
}

/// @param labels, factors names of arrays, which may be unset
/// @param rows as of rows_to_load
std::shared_ptr<const Samples> load_rows(const Hdf5Params& params, const Hdf5Array& images,
                                         const Text& labels, const Text& factors,
                                         const Tensor& rows) {
  const auto path = input_path(params.file);
  if (!images.is_byte())
    throw DataError(images.place(), "expected images of unsigned bytes, found another type.");
  const auto layout = layout_of(images, params.layout());
  const auto offset = images.offset();
  const auto pixels =
      offset ? mapped_tensor(std::make_shared<const MappedFile>(path), *offset, images.sizes())
             : images.read(rows, at::kByte);
  Annotations annotations;
  if (labels.has_value()) {
    const Hdf5Array array(path, labels());
    require_rows(array, images);
    annotations.labels = read_labels(array, rows);
  }
  if (factors.has_value()) {
    const Hdf5Array array(path, factors());
    require_rows(array, images);
    annotations.factors = read_factors(array, rows, params.factor_names());
    annotations.factor_names = params.factor_names();
  }
  return std::make_shared<MemorySamples>(in_order(pixels, layout), std::move(annotations),
                                         max_of(params));
}

std::shared_ptr<const Samples> load_all(const Hdf5Params& params, const Text& images,
                                        const Text& labels, const Text& factors) {
  const Hdf5Array array(input_path(params.file), images());
  const auto wanted = limited(at::arange(array.rows(), at::kLong), params);
  return load_rows(params, array, labels, factors, rows_to_load(array, wanted));
}

}  // namespace

void Hdf5Dataset::load_and_divide() {
  const Hdf5Array images(input_path(params_.file), params_.images());
  const auto share = set_test_aside(images.rows(), params_.test, params_);
  const auto test = limited(share.test, params_);
  const auto train = limited(share.train, params_);
  const auto rows = rows_to_load(images, std::get<0>(at::cat({train, test}).sort()));
  const auto loaded = load_rows(params_, images, params_.labels, params_.factors, rows);
  const auto subset = [&](const Tensor& chosen) {
    return std::make_shared<SubsetSamples>(loaded, at::searchsorted(rows, chosen));
  };
  train_ = subset(train);
  test_ = subset(test);
}

std::shared_ptr<const Samples> Hdf5Dataset::load(std::string_view split) {
  const bool train = split == "train";
  if (params_.test() > 0) {
    if (!train_) load_and_divide();
    return train ? train_ : test_;
  }
  if (!train && !params_.test_images.has_value()) return nullptr;
  const auto& images = train ? params_.images : params_.test_images;
  auto samples = train ? load_all(params_, images, params_.labels, params_.factors)
                       : load_all(params_, images, params_.test_labels, params_.test_factors);
  if (train) event_ = samples->event();
  if (!event_.empty() && samples->event() != event_) {
    throw DataError(input_path(params_.file).string(),
                    "the images of " + images() + " are of " +
                        c10::str(at::IntArrayRef(samples->event())) + " [C, H, W], and those of " +
                        params_.images() + " of " + c10::str(at::IntArrayRef(event_)) +
                        ". Training and test images have one size.");
  }
  return samples;
}

std::string Hdf5Dataset::digest() { return digest_of_files({input_path(params_.file)}); }

}  // namespace varia::datasets
