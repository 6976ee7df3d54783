#include "arrays/numpy_dataset.hpp"

#include <ATen/Functions.h>
#include <c10/util/accumulate.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "arrays/npy_format.hpp"
#include "arrays/zip_archive.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/mapped_file.hpp"

namespace varia::datasets {

namespace {

constexpr std::string_view kSuffix = ".npy";

std::string_view beginning(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.data()), std::min(file.size(), kMostNpyHeaderBytes)};
}

NumberArray::Type type_of(const NpyHeader& header) {
  using Kind = NpyHeader::Kind;
  if (header.kind == Kind::real) return NumberArray::Type::real;
  const bool is_byte = header.kind == Kind::boolean ||
                       (header.kind == Kind::unsigned_integer && header.item_bytes == 1);
  return is_byte ? NumberArray::Type::byte : NumberArray::Type::integer;
}

/// An array in NumPy's format, in a file or in an archive.
class NpyArray : public NumberArray {
 public:
  bool is_in_place() const override {
    using Kind = NpyHeader::Kind;
    const bool is_native = (header_.kind == Kind::unsigned_integer && header_.item_bytes == 1) ||
                           (header_.kind == Kind::real && header_.item_bytes == sizeof(float) &&
                            !header_.is_swapped && header_.values_begin % alignof(float) == 0);
    return is_native && !is_column_major();
  }

  Tensor in_place() const override {
    if (!is_in_place()) return {};
    const auto values = bytes().slice(0, static_cast<std::int64_t>(header_.values_begin));
    return values.view(type() == Type::byte ? at::kByte : at::kFloat).view(sizes());
  }

 protected:
  NpyArray(const std::string& place, NpyHeader header)
      : NumberArray(place, header.shape, type_of(header)), header_(std::move(header)) {}

 private:
  /// The whole .npy file, [n] uint8; not to be written to.
  virtual Tensor bytes() const = 0;

  bool is_column_major() const { return header_.is_fortran && sizes().size() > 1; }

  void read_values(std::int64_t begin, std::int64_t end, const Tensor& out) const override {
    const auto all = bytes();
    const auto* const values = all.data_ptr<std::uint8_t>() + header_.values_begin;
    const auto count = end - begin;
    const auto columns = out.numel() / count;
    if (!is_column_major()) {
      convert(values + begin * columns * header_.item_bytes, out);
    } else {
      // The file is the array with its axes reversed, each of whose rows is one of our columns.
      std::vector<std::int64_t> reversed(out.sizes().rbegin(), out.sizes().rend());
      const auto part = at::empty(reversed, out.options());
      const auto flat = part.view({columns, count});
      for (std::int64_t i = 0; i < columns; ++i)
        convert(values + (i * rows() + begin) * header_.item_bytes, flat[i]);
      std::vector<std::int64_t> order(reversed.size());
      for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = static_cast<std::int64_t>(order.size() - 1 - i);
      out.copy_(part.permute(order));
    }
    require_whole(values);
  }

  void convert(const std::uint8_t* values, const Tensor& out) const {
    const auto to = [&](auto* numbers) { convert_npy(header_, values, out.numel(), numbers); };
    switch (out.scalar_type()) {
      case at::kByte:
        return to(out.data_ptr<std::uint8_t>());
      case at::kLong:
        return to(out.data_ptr<std::int64_t>());
      case at::kFloat:
        return to(out.data_ptr<float>());
      default:
        return to(out.data_ptr<double>());
    }
  }

  std::string remedy() const override {
    return "save bytes or float32 in C order as a .npy file (numpy.save)";
  }

  NpyHeader header_;
};

class MappedNpyArray final : public NpyArray {
 public:
  explicit MappedNpyArray(std::shared_ptr<const MappedFile> file)
      : NpyArray(file->path().string(),
                 read_npy_header(beginning(*file), file->size(), file->path().string())),
        file_(std::move(file)) {}

 private:
  Tensor bytes() const override {
    return mapped_tensor(file_, 0, static_cast<std::int64_t>(file_->size()));
  }

  std::shared_ptr<const MappedFile> file_;
};

/// An array in a .npz file, which is unpacked when it is needed.
class PackedNpyArray final : public NpyArray {
 public:
  PackedNpyArray(std::shared_ptr<const ZipArchive> archive, std::string entry,
                 const std::string& place)
      : NpyArray(place, header_of(*archive, entry, place)),
        archive_(std::move(archive)),
        entry_(std::move(entry)) {}

 private:
  static NpyHeader header_of(const ZipArchive& archive, const std::string& entry,
                             const std::string& place) {
    const auto size = archive.size(entry);
    std::string begin(std::min(size, kMostNpyHeaderBytes), '\0');
    archive.read(entry, reinterpret_cast<std::uint8_t*>(begin.data()), begin.size());
    return read_npy_header(begin, size, place);
  }

  Tensor bytes() const override {
    if (unpacked_.defined()) return unpacked_;
    const auto size = static_cast<std::int64_t>(archive_->size(entry_));
    const auto converted =
        is_in_place() ? 0 : c10::multiply_integers(sizes()) * std::int64_t{sizeof(float)};
    if (size > memory_for_data() - converted) {
      throw DataError(place(), "takes " + std::to_string(size + converted) +
                                   " bytes unpacked, more than half of this machine's memory. Save "
                                   "bytes or float32 in C order as a .npy file (numpy.save): it is "
                                   "not loaded whole.");
    }
    const auto unpacked = at::empty(size, at::kByte);
    archive_->read(entry_, unpacked.data_ptr<std::uint8_t>(), static_cast<std::size_t>(size));
    return unpacked_ = unpacked;
  }

  std::shared_ptr<const ZipArchive> archive_;
  std::string entry_;
  mutable Tensor unpacked_;
};

/// A .npy file, which has one array, whose name is its path; or a .npz file.
class NumpyFile final : public ArrayFile {
 public:
  explicit NumpyFile(const std::filesystem::path& path)
      : file_(std::make_shared<const MappedFile>(path)) {
    if (is_npy(beginning(*file_))) return;
    if (!is_zip(beginning(*file_))) {
      throw DataError(path.string(),
                      "is not a file of NumPy: a .npy file begins with \\x93NUMPY, a .npz file "
                      "with PK.");
    }
    archive_ = std::make_shared<const ZipArchive>(file_);
  }

  std::vector<std::string> names() const override {
    if (!archive_) return {file_->path().string()};
    auto names = archive_->names();
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(kSuffix); });
    for (auto& name : names) name.resize(name.size() - kSuffix.size());
    return names;
  }

  std::unique_ptr<NumberArray> open(const std::string& name) const override {
    if (!archive_ && name == file_->path()) return std::make_unique<MappedNpyArray>(file_);
    if (name.ends_with(kSuffix))
      return std::make_unique<MappedNpyArray>(std::make_shared<const MappedFile>(name));
    const auto entry = name + std::string(kSuffix);
    if (!archive_) {
      throw DataError(file_->path().string(),
                      "is a .npy file, which has one array, and none that is called '" + name +
                          "'. Give the path of another .npy file, or of a .npz file.");
    }
    if (!archive_->has(entry)) fail_to_find(name, file_->path().string());
    return std::make_unique<PackedNpyArray>(archive_, entry, file_->path().string() + ": " + name);
  }

 private:
  std::shared_ptr<const MappedFile> file_;
  std::shared_ptr<const ZipArchive> archive_;
};

}  // namespace

std::unique_ptr<ArrayFile> NumpyParams::open() const {
  return std::make_unique<NumpyFile>(existing_input_path(file));
}

std::vector<std::filesystem::path> NumpyParams::files() const {
  auto all = ArrayParams::files();
  for (const auto* name : {&images, &labels, &factors, &test_images, &test_labels, &test_factors})
    if (name->has_value() && (*name)().ends_with(kSuffix))
      all.push_back(existing_input_path(*name));
  return all;
}

std::string NumpyParams::name_of(const Text& parameter) const {
  return parameter().ends_with(kSuffix) ? existing_input_path(parameter).string() : parameter();
}

}  // namespace varia::datasets
