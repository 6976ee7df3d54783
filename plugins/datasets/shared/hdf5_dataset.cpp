#include "hdf5_dataset.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hdf5_array.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
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

/// Images as [N, C, H, W], whatever the order of their axes in the file.
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

/// The value that stands for 1; of the test images as well, it is judged by the training images.
std::uint8_t max_of(const Hdf5Params& params) {
  if (!params.max.is("auto")) return params.max.is("1") ? 1 : 255;
  const Hdf5Array images(input_path(params.file), params.images());
  const auto rows = at::arange(std::min<std::int64_t>(images.rows(), 256), torch::kLong);
  return images.read(rows, torch::kUInt8).max().item<std::uint8_t>() <= 1 ? 1 : 255;
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
  const auto labels = array.read(rows, torch::kLong).reshape({-1});
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
  const auto factors = array.read(rows, torch::kFloat).reshape({rows.size(0), -1});
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

/// Which arrays make up one part of the data set.
struct Arrays {
  const Text& images;
  const Text& labels;
  const Text& factors;
};

/// Samples, and the rows of the file that they are, ascending.
struct Loaded {
  std::shared_ptr<const Samples> samples;
  Tensor rows;
};

/// Loads the rows that are asked for; all of them where they need no memory.
Loaded load_rows(const Hdf5Params& params, const Arrays& arrays, const Hdf5Array& images,
                 const Tensor& wanted) {
  const auto path = input_path(params.file);
  if (!images.is_uint8())
    throw DataError(images.place(), "expected images of unsigned bytes, found another type.");
  const auto layout = layout_of(images, params.layout());

  auto rows = wanted;
  Tensor pixels;
  if (const auto offset = images.offset()) {
    rows = at::arange(images.rows(), torch::kLong);
    pixels = mapped_tensor(std::make_shared<const MappedFile>(path), *offset, images.sizes());
  } else {
    pixels = images.read(rows, torch::kUInt8);
  }
  Tensor labels;
  Tensor factors;
  if (arrays.labels.has_value()) {
    const Hdf5Array array(path, arrays.labels());
    require_rows(array, images);
    labels = read_labels(array, rows);
  }
  if (arrays.factors.has_value()) {
    const Hdf5Array array(path, arrays.factors());
    require_rows(array, images);
    factors = read_factors(array, rows, params.factor_names());
  }
  return {std::make_shared<MemorySamples>(in_order(pixels, layout), labels, factors,
                                          params.factor_names(), max_of(params)),
          rows};
}

std::shared_ptr<const Samples> load_all(const Hdf5Params& params, const Arrays& arrays) {
  const Hdf5Array images(input_path(params.file), arrays.images());
  return load_rows(params, arrays, images, limited(at::arange(images.rows(), torch::kLong), params))
      .samples;
}

}  // namespace

void Hdf5Dataset::load_and_divide() {
  const Hdf5Array images(input_path(params_.file), params_.images());
  const auto count = images.rows();
  const auto aside = std::llround(params_.test() * static_cast<double>(count));
  if (aside == 0 || aside == count) {
    throw ConfigError(params_.test.where(), "test: " + number_text(params_.test()) + " of " +
                                                std::to_string(count) +
                                                " images leaves no image for " +
                                                (aside == 0 ? "the test" : "training") + ".");
  }
  const auto key = stream_key(static_cast<std::uint64_t>(params_.split_seed()), "test split");
  const auto order = Draw(key).permutation(count);
  const auto sorted = [](const Tensor& index) { return std::get<0>(index.sort()); };
  const auto test = limited(sorted(order.slice(0, 0, aside)), params_);
  const auto train = limited(sorted(order.slice(0, aside)), params_);
  const auto loaded = load_rows(params_, {params_.images, params_.labels, params_.factors}, images,
                                sorted(at::cat({train, test})));
  const auto subset = [&loaded](const Tensor& rows) {
    return std::make_shared<SubsetSamples>(loaded.samples, at::searchsorted(loaded.rows, rows));
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
  if (train) return load_all(params_, {params_.images, params_.labels, params_.factors});
  if (!params_.test_images.has_value()) return nullptr;
  return load_all(params_, {params_.test_images, params_.test_labels, params_.test_factors});
}

std::string Hdf5Dataset::digest() { return digest_of_files({input_path(params_.file)}); }

}  // namespace varia::datasets
