#include "varia/host/splits.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "core/data/changed_samples.hpp"
#include "core/data/standardised_samples.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"

namespace varia {

DatasetParams::DatasetParams() = default;
DatasetParams::~DatasetParams() = default;

std::string DatasetParams::default_likelihood() const {
  return varia::default_likelihood(Domain::unit);
}

Standardise DatasetParams::standardisation() const { return Standardise::none; }

void DatasetParams::check() const {
  ErrorList errors;
  errors.collect([&] {
    const auto count = resize().size();
    if (count != 0 && count != 2)
      fail(resize, "expected [height, width], found a list of " + std::to_string(count) + ".");
  });
  errors.collect([&] {
    if (sample_size() == 0) fail(sample_size, "expected a part in (0, 1], found 0.");
  });
  errors.collect([&] {
    if (folds.has_value() && validation() > 0)
      fail(validation, "a fold is the validation split: give one of 'folds' and 'validation'.");
  });
  errors.collect([&] {
    if (!folds.has_value() && fold.given())
      fail(fold, "there are no folds: give their number by 'folds'.");
    if (folds.has_value() && fold() >= folds())
      fail(fold, "expected one of the " + std::to_string(folds()) + " folds, 0 to " +
                     std::to_string(folds() - 1) + ", found " + std::to_string(fold()) + ".");
  });
  errors.raise();
}

bool DatasetParams::in_force(const Parameter& parameter) const {
  if (&parameter == &held_out) return !held_out().empty();
  return &parameter != &fold || folds.has_value();
}

Dataset::~Dataset() = default;

namespace {

using SamplesPtr = std::shared_ptr<const Samples>;

Binarize binarize_of(const DatasetParams& params) {
  if (params.binarize.is("dynamic")) return Binarize::dynamic;
  if (params.binarize.is("fixed")) return Binarize::fixed;
  return params.binarize.is("threshold") ? Binarize::threshold : Binarize::none;
}

Corruption corruption_of(const DatasetParams& params) {
  using Kind = Corruption::Kind;
  const auto& corrupt = params.corrupt;
  if (corrupt.is("gaussian"))
    return {Kind::gaussian, corrupt.params<GaussianCorruptionParams>().scale()};
  if (corrupt.is("mask")) return {Kind::mask, corrupt.params<MaskCorruptionParams>().probability()};
  if (corrupt.is("salt_pepper"))
    return {Kind::salt_pepper, corrupt.params<SaltPepperCorruptionParams>().probability()};
  return {};
}

/// Those in force that take values for brightness, beside `resize`.
std::vector<const Parameter*> brightness_options(const DatasetParams& params) {
  std::vector<const Parameter*> options;
  if (!params.binarize.is("none")) options.push_back(&params.binarize);
  if (!params.corrupt.is("none")) options.push_back(&params.corrupt);
  return options;
}

std::int64_t limited_size(const Samples& samples, const DatasetParams& params) {
  return params.limit.has_value() ? std::min(samples.size(), params.limit()) : samples.size();
}

/// @throws ConfigError if an option that takes values for brightness is set for other values.
void require_pixels(const Parameter& option, double least, double most, const std::string& where) {
  constexpr double kRounding = 1e-3;
  if (least >= -kRounding && most <= 1 + kRounding) return;
  throw ConfigError(option.where(), option.name() + ": expected pixels from 0 to 1, found " +
                                        number_text(least) + " to " + number_text(most) +
                                        " in the " + where + ".");
}

/// A subset of samples: their `rows` [n] int64.
struct Part {
  SamplesPtr samples;
  Tensor rows;
};

/// Images that are resized whenever they are gathered.
SamplesPtr resized_when_gathered(const Part& part, const IntegerList& resize) {
  const auto& images = *part.samples;
  const auto [least, most] = Split("", part.samples, part.rows, Binarize::none).bounds();
  require_pixels(resize, least, most, "images");
  const auto height = resize()[0];
  const auto width = resize()[1];
  return std::make_shared<ChangedSamples>(
      part.samples, std::vector<std::int64_t>{images.event()[0], height, width},
      images.annotations(), [height, width](const Tensor& values) {
        return resized(values, height, width).clamp_(0, 1);
      });
}

/// Resizes the images as the parameters say: once, which keeps only the chosen rows, unless they
/// are streamed.
Part in_size(Part part, const DatasetParams& params) {
  const auto shape = part.samples->event();
  if (params.resize().empty()) return part;
  if (shape.size() != 3)
    throw ConfigError(params.resize.where(),
                      "resize: the samples are not pictures: expected [C, H, W], found " +
                          c10::str(at::IntArrayRef(shape)) + ". Remove it.");
  if (part.samples->annotations().has_missing)
    throw ConfigError(params.resize.where(),
                      "resize: the images have missing values, of which no mean can be taken. "
                      "Remove it, or fill them in the file.");
  const auto height = params.resize()[0];
  const auto width = params.resize()[1];
  if (shape[1] == height && shape[2] == width) return part;
  if (part.samples->is_streamed())
    return {resized_when_gathered(part, params.resize), std::move(part.rows)};

  const auto* const in_memory = dynamic_cast<const MemorySamples*>(part.samples.get());
  const bool bytes = in_memory != nullptr && in_memory->has_bytes();
  const auto pixels = shape[0] * height * width;
  const auto count = part.rows.size(0);
  if (count > memory_for_data() / (pixels * (bytes ? 1 : 4))) {
    throw ConfigError(params.resize.where(),
                      "resize: " + std::to_string(count) + " images of " + std::to_string(height) +
                          "x" + std::to_string(width) +
                          " take more than half of this machine's memory. Use smaller images, or "
                          "fewer by 'limit'.");
  }
  const auto images = at::empty({count, shape[0], height, width}, bytes ? at::kByte : at::kFloat);
  const auto chunk = std::max<std::int64_t>(
      1, (std::int64_t{1} << 21) / std::max(pixels, shape[0] * shape[1] * shape[2]));
  for (std::int64_t begin = 0; begin < count; begin += chunk) {
    const auto end = std::min(begin + chunk, count);
    auto some =
        resized(part.samples->gather(part.rows.slice(0, begin, end), at::kCPU), height, width);
    require_pixels(params.resize, some.min().item<double>(), some.max().item<double>(), "images");
    some.clamp_(0, 1);
    if (bytes) some = some.mul_(255).round_();
    images.slice(0, begin, end).copy_(some);
  }
  return {std::make_shared<MemorySamples>(images, part.samples->annotations().of(part.rows)),
          at::arange(count, at::kLong)};
}

/// 0 .. n-1 in two parts, each ascending.
struct Partition {
  Tensor chosen;  ///< int64
  Tensor rest;    ///< int64
};

/// A random order of 0 .. n-1; class after class if there are labels.
Tensor random_order(std::int64_t n, std::uint64_t key, const Tensor& labels) {
  const auto order = Draw(key).permutation(n);
  if (!labels.defined()) return order;
  const auto by_class = std::get<1>(
      at::sort(labels.index_select(0, order), /*stable=*/true, 0, /*descending=*/false));
  return order.index_select(0, by_class);
}

/// @param places [m] int64, the places in `order` that are chosen
Partition in_two(const Tensor& order, const Tensor& places) {
  auto is_chosen = at::zeros({order.size(0)}, at::kBool);
  is_chosen.index_fill_(0, order.index_select(0, places), true);
  return {is_chosen.nonzero().flatten(), is_chosen.logical_not().nonzero().flatten()};
}

std::uint64_t key_of(const DatasetParams& params, std::string_view purpose) {
  return stream_key(static_cast<std::uint64_t>(params.split_seed()), purpose);
}

/// The labels of the rows if `stratify` is set, else undefined.
Tensor classes_of(const Part& part, const DatasetParams& params) {
  if (!params.stratify()) return {};
  const auto& labels = part.samples->annotations().labels;
  if (!labels.defined()) {
    throw ConfigError(params.stratify.where(),
                      "stratify: the data has no labels whose classes could be kept in proportion. "
                      "Remove it, or name the labels.");
  }
  return labels.index_select(0, part.rows);
}

/// Chooses `count` images at random.
/// @param classes as of classes_of: if defined, every class gives its share, within one of
///                n_class * count / n
Partition choose(const Part& part, std::int64_t count, std::uint64_t key, const Tensor& classes) {
  const auto n = part.rows.size(0);
  auto places = at::arange(count, at::kLong);
  // Spread evenly over the order, and so over every class, which is a stretch of it.
  if (classes.defined()) places = places.mul_(n).floor_divide_(count);
  return in_two(random_order(n, key, classes), places);
}

/// The rows of the classes that are not held out.
/// @param classes how many the labels count
Tensor without_held_out(const Part& part, const DatasetParams& params, std::int64_t classes) {
  const auto& held_out = params.held_out();
  if (held_out.empty()) return part.rows;
  const auto fail = [&](const std::string& message) {
    throw ConfigError(params.held_out.where(), "held_out: " + message);
  };
  if (classes == 0)
    fail("the data has no labels that tell classes. Remove it, or name the labels.");
  for (const auto label : held_out)
    if (label >= classes)
      fail("expected labels below " + std::to_string(classes) + ", found " + std::to_string(label) +
           ".");
  const auto labels = part.samples->annotations().labels.index_select(0, part.rows);
  const auto known = at::isin(labels, at::tensor(held_out, at::kLong)).logical_not_();
  if (!known.any().item<bool>()) fail("no other class is left to train on.");
  return part.rows.masked_select(known);
}

/// The rows that `sample_size` keeps.
Tensor sampled(const Part& part, const DatasetParams& params) {
  const auto count = part.rows.size(0);
  const auto size = std::llround(params.sample_size() * static_cast<double>(count));
  if (size == 0) {
    throw ConfigError(params.sample_size.where(),
                      "sample_size: " + number_text(params.sample_size()) + " of " +
                          std::to_string(count) +
                          " training samples leaves none. Use a larger part, or more samples "
                          "('limit').");
  }
  const auto classes = classes_of(part, params);
  if (size == count) return part.rows;
  return part.rows.index_select(0, choose(part, size, key_of(params, "sample"), classes).chosen);
}

Partition validation_part(const Part& part, const DatasetParams& params) {
  const auto count = part.rows.size(0);
  const auto share = params.validation();
  const auto aside = std::llround(share * static_cast<double>(count));
  if (aside == 0 || aside == count) {
    throw ConfigError(params.validation.where(),
                      "validation: " + number_text(share) + " of " + std::to_string(count) +
                          " training samples leaves none for " +
                          (aside == 0 ? "validation" : "training") +
                          ". Use another part, or more samples ('limit').");
  }
  return choose(part, aside, key_of(params, "validation split"), classes_of(part, params));
}

/// The fold, and the others: their sizes differ by one at most, and so do their counts of every
/// class if `stratify` is set.
Partition fold_part(const Part& part, const DatasetParams& params) {
  const auto count = part.rows.size(0);
  const auto folds = params.folds();
  if (folds > count) {
    throw ConfigError(params.folds.where(), "folds: " + std::to_string(count) +
                                                " training samples cannot be divided into " +
                                                std::to_string(folds) +
                                                ". Use fewer folds, or more samples ('limit').");
  }
  // Dealt like cards; the next class continues with the next fold.
  return in_two(random_order(count, key_of(params, "folds"), classes_of(part, params)),
                at::arange(params.fold(), count, folds, at::kLong));
}

/// How many classes the labels of all parts count, so that `limit` does not change the model; 0 if
/// there are none.
std::int64_t class_count(const std::vector<SamplesPtr>& parts, const DatasetParams& params) {
  std::vector<Tensor> labels;
  for (const auto& part : parts)
    if (part && part->annotations().labels.defined()) labels.push_back(part->annotations().labels);
  if (labels.empty()) {
    if (params.classes.has_value())
      throw ConfigError(params.classes.where(), "classes: the data has no labels.");
    return 0;
  }
  const auto found = std::get<0>(at::_unique(at::cat(labels), /*sorted=*/true));
  const auto least = found[0].item<std::int64_t>();
  const auto most = found[-1].item<std::int64_t>();
  if (least < 0)
    throw DataError("", "expected labels from 0 on, found " + std::to_string(least) + ".");
  if (params.classes.has_value()) {
    if (most < params.classes()) return params.classes();
    throw ConfigError(params.classes.where(),
                      "classes: expected at least " + std::to_string(most + 1) +
                          ", since there is the label " + std::to_string(most) + ".");
  }
  if (most + 1 == found.numel()) return most + 1;
  const auto gap = found.ne(at::arange(found.numel(), at::kLong)).nonzero()[0].item<std::int64_t>();
  throw DataError("", "the labels go up to " + std::to_string(most) +
                          ", but no sample has the label " + std::to_string(gap) + ": only " +
                          std::to_string(found.numel()) +
                          " different ones occur. Number them without gaps, or, if there are so "
                          "many classes, set 'classes: " +
                          std::to_string(most + 1) + "'.");
}

/// @throws Error if the data set's blocks are not those of its events
void require_blocks(const DataSpec& spec) {
  std::int64_t size = 0;
  for (const auto& block : spec.blocks) size += block.size;
  if (size == spec.event_size()) return;
  throw Error("the data set's blocks have " + std::to_string(size) +
              " numbers together, and its samples " + std::to_string(spec.event_size()) + ".");
}

}  // namespace

Splits make_splits(Dataset& dataset, const DatasetParams& params) {
  const auto binarize = binarize_of(params);
  const auto corruption = corruption_of(params);
  auto samples = dataset.load("train");
  if (!samples) throw DataError("", "the data set has no training samples.");
  auto test_samples = dataset.load("test");
  if (test_samples && test_samples->event() != samples->event()) {
    const auto shape_of = [](const Samples& some) {
      return c10::str(at::IntArrayRef(some.event()));
    };
    throw DataError("", "the training samples are of " + shape_of(*samples) +
                            " and the test samples of " + shape_of(*test_samples) +
                            "; expected one shape.");
  }

  DataSpec spec;
  spec.classes = class_count({samples, test_samples}, params);

  const auto limited = [&params](SamplesPtr all) {
    auto rows = at::arange(limited_size(*all, params), at::kLong);
    return Part{std::move(all), std::move(rows)};
  };
  auto train = limited(std::move(samples));
  if (!test_samples && !params.held_out().empty())
    throw ConfigError(params.held_out.where(),
                      "held_out: the data has no test split, which alone would have these classes. "
                      "Remove it, or set a part aside by 'test'.");
  train.rows = without_held_out(train, params, spec.classes);
  train.rows = sampled(train, params);
  train = in_size(std::move(train), params);
  Tensor set_aside;
  if (params.folds.has_value() || params.validation() > 0) {
    const auto parts =
        params.folds.has_value() ? fold_part(train, params) : validation_part(train, params);
    set_aside = train.rows.index_select(0, parts.chosen);
    train.rows = train.rows.index_select(0, parts.rest);
  }
  std::optional<Part> held_out;
  if (test_samples) held_out = in_size(limited(std::move(test_samples)), params);
  if (const auto how = params.standardisation(); how != Standardise::none) {
    const StandardScale scale(how, *train.samples, train.rows);
    train.samples = scale.apply(std::move(train.samples));
    if (held_out) held_out->samples = scale.apply(std::move(held_out->samples));
  }
  const CovariateScale covariates(train.samples->annotations(), train.rows);
  train.samples = covariates.apply(std::move(train.samples));
  if (held_out) held_out->samples = covariates.apply(std::move(held_out->samples));

  std::optional<Split> validation;
  if (set_aside.defined())
    validation.emplace("validation", train.samples, std::move(set_aside), binarize, corruption);
  std::optional<Split> test;
  if (held_out)
    test.emplace("test", std::move(held_out->samples), std::move(held_out->rows), binarize,
                 corruption);
  spec.event = train.samples->event();
  const auto& annotations = train.samples->annotations();
  spec.blocks = annotations.blocks;
  if (spec.blocks.empty()) spec.blocks = {{Domain::unit, spec.event_size()}};
  require_blocks(spec);
  spec.features = annotations.features;
  spec.covariates = annotations.covariate_names;
  spec.held_out = params.held_out();
  spec.size = train.rows.size(0);
  Splits splits{
      std::move(spec),
      Split("train", std::move(train.samples), std::move(train.rows), binarize, corruption),
      std::move(validation), std::move(test)};
  for (const Parameter* option : brightness_options(params))
    for (const auto* split : splits.all()) {
      const auto [least, most] = split->bounds();
      require_pixels(*option, least, most, split->name() + " split");
    }
  return splits;
}

}  // namespace varia
