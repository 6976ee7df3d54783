#include "arrays/array_dataset.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "arrays/array_values.hpp"
#include "arrays/findings_record.hpp"
#include "shared/test_share.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace {

/// The value of a byte that stands for 1.
std::uint8_t max_of(const NumberArray& images, const Choice& max) {
  if (!max.is("auto")) return max.is("1") ? 1 : 255;
  const auto rows = at::arange(std::min<std::int64_t>(images.rows(), 256), at::kLong);
  return images.read(rows, at::kByte).max().item<std::uint8_t>() <= 1 ? 1 : 255;
}

/// Opens an array that has a row for each image.
std::unique_ptr<NumberArray> open_beside(const NumberArray& images, const ArrayFile& file,
                                         const std::string& name) {
  auto array = file.open(name);
  if (array->rows() != images.rows()) {
    throw DataError(array->place(), "has " + std::to_string(array->rows()) + " rows for the " +
                                        std::to_string(images.rows()) + " images of " +
                                        images.place() + ".");
  }
  return array;
}

/// The way back to the numbers of the file.
Units units_of(const SampleArray& source) {
  const auto units = [](double scale, double offset) {
    return Units{.scale = at::scalar_tensor(scale, at::kDouble),
                 .offset = at::scalar_tensor(offset, at::kDouble)};
  };
  if (source.type == at::kByte) return units(source.max, 0);
  if (!source.rescaling) return {};
  const auto& [range, scale, offset] = *source.rescaling;
  return range ? units(range->max - range->min, range->min) : units(1 / scale, -offset / scale);
}

/// A hash of all that check_block_by_block's findings follow from.
/// @param digest of the file
/// @param name   of the array in it
std::string findings_key(const std::string& digest, const std::string& name,
                         const SampleArray& source, const Tensor& rows,
                         const NumberOptions& options) {
  Sha256 hash;
  // The number changes if what is an error does.
  hash.update("findings 1\n" + digest + "\n" + std::to_string(name.size()) + " " + name + "\n");
  hash.update(c10::str(source.type, " ", int{source.max}, " ", domain_text(options.domain), " ",
                       options.nan_is_missing, "\n"));
  if (const auto& rescaling = source.rescaling) {
    const auto range = rescaling->range.value_or(Range{});
    for (const double number : {range.min, range.max, rescaling->scale, rescaling->offset})
      hash.update(&number, sizeof number);
  }
  hash.update(rows.data_ptr(), rows.nbytes());
  return hash.digest();
}

std::string event_text(const Samples& samples) {
  const auto event = samples.event();
  return c10::str(at::IntArrayRef(event)) + (event.size() == 3 ? " [C, H, W]" : " [D]");
}

}  // namespace

bool ArrayDataset::are_pixels(const NumberArray& images) const {
  return images.type() == NumberArray::Type::byte && !params_.rescaling() &&
         params_.domain_of(images) == Domain::unit;
}

bool ArrayDataset::stay_in_place(const NumberArray& images) const {
  const bool fit =
      images.type() == NumberArray::Type::real ? !params_.rescaling() : are_pixels(images);
  return fit && images.is_in_place();
}

bool ArrayDataset::are_streamed(const SampleArray& images, std::int64_t rows) const {
  const auto window = params_.window_bytes();
  return window && !stay_in_place(*images.array) && rows > *window / images.row_bytes();
}

ArrayDataset::Loaded ArrayDataset::load_rows(const std::shared_ptr<const ArrayFile>& file,
                                             const ArrayNames& names,
                                             const std::shared_ptr<const NumberArray>& images,
                                             const Tensor& wanted) {
  const bool are_bytes = are_pixels(*images);
  if (!are_bytes && !params_.max.is("auto")) {
    throw ConfigError(params_.max.where(),
                      "max: it is the value of a byte that stands for 1, and " + images->place() +
                          " is not read as such bytes. Remove it, or set 'range' instead.");
  }
  if (are_bytes && !max_) max_ = max_of(*images, params_.max);
  const auto domain = params_.domain_of(*images);
  const SampleArray source{.file = file,
                           .array = images,
                           .type = are_bytes ? at::kByte : at::kFloat,
                           .rescaling = params_.rescaling(),
                           .layout = layout_of(*images, params_.layout()),
                           .max = max_.value_or(255)};
  const NumberOptions options{
      .domain = domain, .rescaling = source.rescaling, .nan_is_missing = params_.missing.is("nan")};
  const bool in_place = stay_in_place(*images);
  const bool streamed = are_streamed(source, wanted.size(0));
  const bool are_all = in_place || streamed || wanted.size(0) == images->rows();
  const auto rows = are_all ? at::arange(images->rows(), at::kLong) : wanted;

  Tensor values;
  NumberFindings found;
  if (streamed) {
    blocks_in_window(source, *params_.window_bytes());  // throws before all is read
    found = recorded_findings(findings_key(digest(), names.images, source, wanted, options),
                              [&] { return check_block_by_block(source, wanted, options); });
  } else {
    values = in_place ? images->in_place() : source.read(rows);
    if (!are_bytes) found = check_numbers(*images, values, rows, options);
  }
  Annotations annotations;
  annotations.has_missing = found.has_missing;
  annotations.bounds = found.bounds;
  annotations.units = units_of(source);
  annotations.file_rows = rows;
  if (domain != Domain::unit)
    annotations.blocks = {{domain, c10::multiply_integers(images->sizes()) / images->rows()}};
  if (names.labels)
    annotations.labels = read_labels(*open_beside(*images, *file, *names.labels), rows);
  if (names.factors) {
    annotations.factor_names = names.factor_names;
    annotations.factors =
        read_factors(*open_beside(*images, *file, *names.factors), rows, names.factor_names);
  }
  if (!streamed) {
    return {std::make_shared<MemorySamples>(in_order(values, source.layout), std::move(annotations),
                                            source.max),
            rows};
  }
  const auto window = *params_.window_bytes();
  if (!cache_) cache_ = std::make_shared<BlockCache>(window);
  return {std::make_shared<StreamedSamples>(source, std::move(annotations), window, cache_), rows};
}

void ArrayDataset::load_and_divide() {
  const std::shared_ptr<const ArrayFile> file = params_.open();
  const auto names = params_.train_names(*file);
  const std::shared_ptr<const NumberArray> images = file->open(names.images);
  const auto share = set_test_aside(images->rows(), params_.test, params_);
  const auto test = limited(share.test, params_);
  const auto train = limited(share.train, params_);
  const auto loaded = load_rows(file, names, images, std::get<0>(at::cat({train, test}).sort()));
  const auto subset = [&](const Tensor& chosen) {
    return std::make_shared<SubsetSamples>(loaded.samples, at::searchsorted(loaded.rows, chosen));
  };
  train_ = subset(train);
  test_ = subset(test);
}

std::shared_ptr<const Samples> ArrayDataset::load(std::string_view split) {
  const bool train = split == "train";
  if (params_.test() > 0) {
    if (!train_) load_and_divide();
    return train ? train_ : test_;
  }
  const std::shared_ptr<const ArrayFile> file = params_.open();
  const auto names = train ? std::optional(params_.train_names(*file)) : params_.test_names(*file);
  if (!names) return nullptr;
  if (!train && !training_) load("train");
  const std::shared_ptr<const NumberArray> images = file->open(names->images);
  const auto wanted = limited(at::arange(images->rows(), at::kLong), params_);
  const auto samples = load_rows(file, *names, images, wanted).samples;
  const Training found{.images = names->images,
                       .event = event_text(*samples),
                       .domain = domain_text(params_.domain_of(*images))};
  if (train) training_ = found;
  const auto require_alike = [&](const std::string& here, const std::string& there,
                                 const std::string& rule) {
    if (here == there) return;
    throw DataError(existing_input_path(params_.file).string(),
                    "the images of " + found.images + " are of " + here + ", and those of " +
                        training_->images + " of " + there + ". " + rule);
  };
  require_alike(found.event, training_->event, "Training and test images have one size.");
  require_alike(found.domain, training_->domain, "Set 'domain' to what both are.");
  return samples;
}

std::string ArrayDataset::digest() { return digest_of_files(params_.files()); }

}  // namespace varia::datasets
