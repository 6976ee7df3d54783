#include "arrays/hdf5_dataset.hpp"

#include <ATen/Functions.h>

#include <optional>
#include <string>
#include <utility>

#include "hdf5/dataset.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia::datasets {

namespace {

std::string place_of(const hdf5::Object& file, const std::string& name) {
  return file.file->path + ": " + name;
}

NumberArray::Type type_of(const hdf5::Object& array, const std::string& place) {
  if (hdf5::is_elsewhere(array)) {
    throw DataError(place,
                    "its values are in other files. Copy them into one file, for instance "
                    "with h5repack.");
  }
  if (hdf5::is_byte(array) || hdf5::is_boolean(array)) return NumberArray::Type::byte;
  switch (hdf5::class_of(array)) {
    case H5T_INTEGER:
      return NumberArray::Type::integer;
    case H5T_FLOAT:
      return NumberArray::Type::real;
    default:
      throw DataError(place, "does not hold numbers.");
  }
}

class Hdf5Array final : public NumberArray {
 public:
  Hdf5Array(const hdf5::Object& file, const std::string& name, hdf5::Object array)
      : NumberArray(place_of(file, name), hdf5::shape_of(array),
                    type_of(array, place_of(file, name))),
        path_(file.file->path),
        array_(std::move(array)) {
    is_boolean_ = hdf5::is_boolean(array_);
    // Before anything is said of the memory that its rows would take.
    if (!hdf5::is_written(array_, hdf5::Shape(sizes().size(), 0), hdf5::Shape(sizes().size(), 1)))
      throw DataError(place(),
                      "was never written: the file says how large it is, and has no values.");
  }

  bool is_in_place() const override { return offset().has_value(); }

  Tensor in_place() const override {
    const auto begin = offset();
    if (!begin) return {};
    const auto file = std::make_shared<const MappedFile>(path_);
    if (type() == Type::byte) return mapped_tensor(file, *begin, sizes());
    const std::int64_t bytes = hdf5::count_of(sizes()) * std::int64_t{sizeof(float)};
    return mapped_tensor(file, *begin, bytes).view(at::kFloat).view(sizes());
  }

 private:
  /// Of values that can be mapped.
  std::optional<std::uint64_t> offset() const {
    if (is_boolean_ || (type() != Type::byte && !hdf5::is_native_float(array_)))
      return std::nullopt;
    const auto begin = hdf5::offset_of(array_);
    const bool is_aligned = type() == Type::byte || (begin && *begin % alignof(float) == 0);
    return is_aligned ? begin : std::nullopt;
  }

  std::int64_t rows_of_chunk() const override {
    const auto chunk = hdf5::chunk_of(array_);
    return chunk.empty() ? 1 : chunk[0];
  }

  void read_values(std::int64_t begin, std::int64_t end, const Tensor& out) const override {
    hdf5::Shape first(sizes().size(), 0);
    hdf5::Shape count = sizes();
    first[0] = begin;
    count[0] = end - begin;
    if (!hdf5::is_written(array_, first, count)) {
      throw DataError(place(), "not all of its rows " + std::to_string(begin) + " to " +
                                   std::to_string(end - 1) +
                                   " were ever written: the file has no values of them.");
    }
    const hid_t memory = out.scalar_type() == at::kByte    ? hdf5::type_of<std::uint8_t>()
                         : out.scalar_type() == at::kLong  ? hdf5::type_of<std::int64_t>()
                         : out.scalar_type() == at::kFloat ? hdf5::type_of<float>()
                                                           : hdf5::type_of<double>();
    hdf5::read_box(array_, first, count, memory, out.data_ptr());
    if (is_boolean_) out.ne_(0);
  }

  std::string remedy() const override { return "set a smaller 'window'"; }

  std::string path_;
  hdf5::Object array_;
  bool is_boolean_ = false;
};

class Hdf5File final : public ArrayFile {
 public:
  explicit Hdf5File(const std::string& path) : file_(hdf5::open_file(path, /*is_data=*/true)) {}

  std::vector<std::string> names() const override {
    constexpr std::size_t kMost = 10'000;
    return hdf5::dataset_names(file_, kMost);
  }

  std::unique_ptr<NumberArray> open(const std::string& name) const override {
    if (!hdf5::exists(file_, name)) fail_to_find(name, file_.file->path);
    return open_hdf5_array(file_, name);
  }

 private:
  hdf5::Object file_;
};

}  // namespace

std::unique_ptr<NumberArray> open_hdf5_array(const hdf5::Object& file, const std::string& name) {
  return std::make_unique<Hdf5Array>(file, name, hdf5::open_dataset(file, name));
}

bool Hdf5Params::in_force(const Parameter& parameter) const {
  // Left at its default, it is not part of a trial's identity.
  if (&parameter == &window) return window() != kDefaultWindow;
  return ArrayParams::in_force(parameter);
}

std::unique_ptr<ArrayFile> Hdf5Params::open() const {
  return std::make_unique<Hdf5File>(existing_input_path(file).string());
}

}  // namespace varia::datasets
