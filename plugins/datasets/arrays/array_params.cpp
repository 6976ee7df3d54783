#include "arrays/array_params.hpp"

#include <algorithm>
#include <utility>

#include "arrays/array_values.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"

namespace varia::datasets {

namespace {

/// A published file, by its arrays.
struct KnownFile {
  ArrayNames train;
  std::optional<ArrayNames> test;
};

const std::vector<KnownFile>& known_files() {
  static const std::vector<std::string> sprite_factors = {"color",       "shape", "scale",
                                                          "orientation", "x",     "y"};
  static const std::vector<KnownFile> known = {
      // dSprites (Matthey et al. 2017), in NumPy's format and in HDF5.
      {{.images = "imgs", .factors = "latents_classes", .factor_names = sprite_factors}, {}},
      {{.images = "imgs", .factors = "latents/classes", .factor_names = sprite_factors}, {}},
      // mnist.npz and the like, as Keras has them.
      {{.images = "x_train", .labels = "y_train"},
       ArrayNames{.images = "x_test", .labels = "y_test"}},
  };
  return known;
}

/// What the file is known as; one array alone is that of the images.
KnownFile by_convention(const ArrayFile& file, const std::filesystem::path& path) {
  const auto found = file.names();
  const auto has = [&](const std::optional<std::string>& name) {
    return !name || std::ranges::find(found, *name) != found.end();
  };
  const auto has_all = [&](const ArrayNames& names) {
    return has(names.images) && has(names.labels) && has(names.factors);
  };
  for (const auto& known : known_files())
    if (has_all(known.train) && (!known.test || has_all(*known.test))) return known;
  if (found.size() == 1) return {{.images = found.front()}, {}};
  std::string list;
  for (const auto& name : listable(found)) list += (list.empty() ? "" : ", ") + name;
  throw DataError(path.string(),
                  found.empty()
                      ? "has no arrays."
                      : "which array holds the images? Set 'images'. It has " + list + ".");
}

}  // namespace

ArrayParams::ArrayParams(std::string format, std::string images_default)
    : format(std::move(format)),
      file(this, "file", kUnset,
           "Path of " + this->format + ". A relative path starts at the experiment file's folder."),
      images(this, "images", std::move(images_default),
             "Array of the training images, or rows of numbers; auto: that of a known file "
             "(dSprites, mnist.npz of Keras), or the only one.") {}

void ArrayParams::check() const {
  ErrorList errors;
  errors.collect([&] { DatasetParams::check(); });
  errors.collect([&] {
    if (!file.has_value()) fail(file, "expected the path of " + format + ", found nothing.");
  });
  errors.collect([&] {
    if (test() > 0 && test_images.has_value())
      fail(test, "the test images are those of 'test_images': give one of the two.");
  });
  for (const auto* const other : {&test_labels, &test_factors})
    errors.collect([&] {
      if (other->has_value() && !test_images.has_value())
        fail(*other, "there are no test images that these could belong to: give 'test_images'.");
    });
  errors.collect([&] {
    if (!factor_names().empty() && !factors.has_value())
      fail(factor_names, "there are no factors to be named: give 'factors'.");
  });
  errors.collect([&] { check_rescaling(); });
  errors.raise();
}

void ArrayParams::check_rescaling() const {
  if (scale() == 0) fail(scale, "expected another number than 0.");
  for (const auto* const other : {&scale, &offset}) {
    if (!in_force(*other)) continue;
    if (!range().empty()) fail(*other, "'range' says what becomes of the numbers: give one.");
    if (domain.is("count")) fail(*other, "counts are taken as they are: remove it, or 'domain'.");
    if (!max.is("auto")) fail(*other, "'max' says what becomes of bytes: give one.");
  }
  if (range().empty()) return;
  if (range().size() != 2 || !(range()[0] < range()[1]))
    fail(range, "expected [low, high], two numbers of which the second is greater.");
  if (domain.is("count")) fail(range, "counts are taken as they are: remove it, or 'domain'.");
  if (!max.is("auto")) fail(range, "it says which number stands for 1, as 'max' does: give one.");
}

bool ArrayParams::in_force(const Parameter& parameter) const {
  // Left at their defaults, these are not part of a trial's identity, which is older than they are.
  if (&parameter == &domain) return !domain.is("auto");
  if (&parameter == &range) return !range().empty();
  if (&parameter == &scale) return scale() != 1;
  if (&parameter == &offset) return offset() != 0;
  if (&parameter == &missing) return !missing.is("none");
  return DatasetParams::in_force(parameter);
}

std::vector<std::filesystem::path> ArrayParams::files() const {
  return {existing_input_path(file)};
}

void ArrayParams::take_names(ArrayNames& names, const Text& given_labels,
                             const Text& given_factors) const {
  if (given_labels.has_value()) names.labels = name_of(given_labels);
  if (!given_factors.has_value()) return;
  names.factors = name_of(given_factors);
  names.factor_names = factor_names();
}

ArrayNames ArrayParams::train_names(const ArrayFile& file) const {
  auto names = images() == "auto" ? by_convention(file, existing_input_path(this->file)).train
                                  : ArrayNames{.images = name_of(images)};
  take_names(names, labels, factors);
  return names;
}

std::optional<ArrayNames> ArrayParams::test_names(const ArrayFile& file) const {
  if (test_images.has_value()) {
    ArrayNames names{.images = name_of(test_images)};
    take_names(names, test_labels, test_factors);
    return names;
  }
  if (test() > 0 || images() != "auto") return std::nullopt;
  return by_convention(file, existing_input_path(this->file)).test;
}

std::optional<Domain> ArrayParams::given_domain() const {
  if (domain.is("real")) return Domain::real;
  if (domain.is("count")) return Domain::count;
  return domain.is("unit") || !range().empty() ? std::optional(Domain::unit) : std::nullopt;
}

Domain ArrayParams::domain_of(const NumberArray& images) const {
  if (const auto given = given_domain()) return *given;
  const bool is_picture = layout_of(images, layout()) != "ND";
  return is_picture || images.type() == NumberArray::Type::byte ? Domain::unit : Domain::real;
}

std::optional<Rescaling> ArrayParams::rescaling() const {
  if (!range().empty()) return Rescaling{.range = Range{range()[0], range()[1]}};
  if (!in_force(scale) && !in_force(offset)) return std::nullopt;
  return Rescaling{.scale = scale(), .offset = offset()};
}

std::string ArrayParams::default_likelihood() const {
  if (const auto domain = given_domain()) return varia::default_likelihood(*domain);
  const auto opened = open();
  return varia::default_likelihood(domain_of(*opened->open(train_names(*opened).images)));
}

}  // namespace varia::datasets
