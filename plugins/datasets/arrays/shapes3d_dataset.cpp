#include "arrays/shapes3d_dataset.hpp"

#include <ATen/Functions.h>

#include <utility>
#include <vector>

#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace {

/// A factor, as the file has it: `count` values from `first` in equal steps.
struct Factor {
  const char* name;
  double first;
  double last;
  std::int64_t count;
};

const std::vector<Factor>& factors() {
  static const std::vector<Factor> all = {{"floor_hue", 0, 0.9, 10},  {"wall_hue", 0, 0.9, 10},
                                          {"object_hue", 0, 0.9, 10}, {"scale", 0.75, 1.25, 8},
                                          {"shape", 0, 3, 4},         {"orientation", -30, 30, 15}};
  return all;
}

/// The numbers of a factor's values.
/// @param values [N] float32
/// @param place  names the array in messages
Tensor numbers_of(const Factor& factor, const Tensor& values, const std::string& place) {
  const double step = (factor.last - factor.first) / static_cast<double>(factor.count - 1);
  const auto exact = values.to(at::kDouble).sub_(factor.first).div_(step);
  const auto numbers = exact.round();
  constexpr double kRounding = 1e-3;
  const auto bad = exact.sub(numbers).abs_().gt(kRounding).logical_or_(
      numbers.lt(0).logical_or_(numbers.ge(factor.count)));
  if (bad.any().item<bool>()) {
    throw DataError(place, "has a " + std::string(factor.name) + " of " +
                               number_text(values.masked_select(bad)[0].item<double>()) +
                               "; expected " + std::to_string(factor.count) + " values from " +
                               number_text(factor.first) + " to " + number_text(factor.last) +
                               ". Is it another file?");
  }
  return numbers;
}

/// The same samples with other annotations.
class AnnotatedSamples final : public Samples {
 public:
  AnnotatedSamples(std::shared_ptr<const Samples> samples, Annotations annotations)
      : Samples(std::move(annotations)), samples_(std::move(samples)) {}
  std::int64_t size() const override { return samples_->size(); }
  std::vector<std::int64_t> event() const override { return samples_->event(); }
  Tensor gather(const Tensor& index, torch::Device device) const override {
    return samples_->gather(index, device);
  }
  Tensor order(const Tensor& rows, Draw& draw) const override {
    return samples_->order(rows, draw);
  }
  bool is_streamed() const override { return samples_->is_streamed(); }

 private:
  std::shared_ptr<const Samples> samples_;
};

/// What a parameter has, with its place.
Value value_of(const Parameter& parameter, const std::string& text) {
  return Value::scalar(text, false, parameter.where());
}

}  // namespace

std::filesystem::path Shapes3d::file() const {
  const auto folder =
      params_.folder.has_value() ? existing_input_path(params_.folder) : data_folder() / "shapes3d";
  std::error_code error;
  if (!std::filesystem::exists(folder / "3dshapes.h5", error)) {
    throw DataError(folder.string(),
                    "has no file 3dshapes.h5. Put the file of 3D Shapes there "
                    "(console.cloud.google.com/storage/browser/3d-shapes).");
  }
  return folder / "3dshapes.h5";
}

std::shared_ptr<const Samples> Shapes3d::load(std::string_view split) {
  const auto path = file();
  if (!data_) {
    auto names = Value::list();
    for (const auto& factor : factors()) names.push(Value::text(factor.name));
    auto given = Value::map();
    given.set("file", Value::text(path.string()));
    given.set("factors", Value::text("labels"));
    given.set("factor_names", std::move(names));
    given.set("max", Value::text("255"));
    given.set("test", value_of(params_.test, number_text(params_.test())));
    given.set("window", value_of(params_.window, std::to_string(params_.window())));
    given.set("split_seed", value_of(params_.split_seed, std::to_string(params_.split_seed())));
    if (params_.limit.has_value())
      given.set("limit", value_of(params_.limit, std::to_string(params_.limit())));
    arrays_.load(given, {.subject = "dataset shapes3d"});
    data_.emplace(arrays_);
  }
  auto samples = data_->load(split);
  if (!samples) return nullptr;
  if (const auto event = samples->event(); event != std::vector<std::int64_t>{3, 64, 64}) {
    throw DataError(path.string() + ": images", "expected images of [3, 64, 64], found " +
                                                    c10::str(at::IntArrayRef(event)) + ".");
  }
  auto annotations = samples->annotations();
  std::vector<Tensor> columns;
  for (const auto& factor : factors()) {
    const auto column = static_cast<std::int64_t>(columns.size());
    columns.push_back(
        numbers_of(factor, annotations.factors.select(1, column), path.string() + ": labels"));
    if (params_.label.is(factor.name)) annotations.labels = columns.back().to(at::kLong);
  }
  annotations.factors = at::stack(columns, 1).to(at::kFloat);
  return std::make_shared<AnnotatedSamples>(std::move(samples), std::move(annotations));
}

std::string Shapes3d::digest() { return digest_of_files({file()}); }

}  // namespace varia::datasets
