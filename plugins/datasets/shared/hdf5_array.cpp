#include "hdf5_array.hpp"

#include <algorithm>

#include "varia/error.hpp"
#include "varia/mapped_file.hpp"
#include "varia/value.hpp"

namespace varia::datasets {
namespace {

constexpr std::int64_t kMostRows = 100'000'000;
constexpr std::int64_t kMostRowBytes = std::int64_t{1} << 32;
constexpr std::int64_t kBlockBytes = std::int64_t{1} << 24;

/// The innermost message of the library's last error.
std::string last_error() {
  std::string text = "the HDF5 library cannot say why";
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned, const H5E_error2_t* error, void* data) -> herr_t {
        if (error->desc && *error->desc) {
          *static_cast<std::string*>(data) = error->desc;
          return 1;
        }
        return 0;
      },
      &text);
  return text;
}

Hdf5Handle open_file(const std::filesystem::path& path) {
  file_stamp(path);  // throws unless it is a regular file: the library would wait for a pipe
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
#if H5_VERSION_GE(1, 10, 7)
  // Reading must not keep others from writing, nor fail where a file system has no locks.
  H5Pset_file_locking(access.id(), false, true);
#endif
  Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.id()), H5Fclose);
  if (!file.good()) throw DataError(path.string(), "is no intact HDF5 file: " + last_error() + ".");
  return file;
}

/// The names of the arrays in a file, the first ones of very many.
std::vector<std::string> array_names(hid_t file) {
  std::vector<std::string> names;
  H5Lvisit(
      file, H5_INDEX_NAME, H5_ITER_INC,
      [](hid_t group, const char* name, const H5L_info_t*, void* data) -> herr_t {
        auto& names = *static_cast<std::vector<std::string>*>(data);
        const Hdf5Handle object(H5Oopen(group, name, H5P_DEFAULT), H5Oclose);
        if (object.good() && H5Iget_type(object.id()) == H5I_DATASET) names.emplace_back(name);
        return names.size() < 50 ? 0 : 1;
      },
      &names);
  return names;
}

Hdf5Handle open_array(const std::filesystem::path& path, hid_t file, const std::string& name) {
  Hdf5Handle array(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!array.good()) {
    const auto known = array_names(file);
    throw DataError(path.string(), "has no array '" + name + "'. " +
                                       (known.empty() ? "It has none." : suggestion(name, known)));
  }
  const Hdf5Handle plan(H5Dget_create_plist(array.id()), H5Pclose);
  if (H5Pget_external_count(plan.id()) > 0 || H5Pget_layout(plan.id()) == H5D_VIRTUAL) {
    throw DataError(path.string(), "its array '" + name +
                                       "' lies in other files. Copy it into one file, by h5repack "
                                       "for instance.");
  }
  return array;
}

hid_t memory_type(torch::ScalarType type) {
  switch (type) {
    case torch::kUInt8:
      return H5T_NATIVE_UINT8;
    case torch::kLong:
      return H5T_NATIVE_INT64;
    default:
      return H5T_NATIVE_FLOAT;
  }
}

}  // namespace

Hdf5Quiet::Hdf5Quiet() {
  H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Quiet::~Hdf5Quiet() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }

Hdf5Array::Hdf5Array(std::filesystem::path file, std::string name)
    : path_(std::move(file)),
      name_(std::move(name)),
      file_(open_file(path_)),
      array_(open_array(path_, file_.id(), name_)),
      type_(H5Dget_type(array_.id()), H5Tclose) {
  const auto kind = H5Tget_class(type_.id());
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) throw DataError(place(), "holds no numbers.");
  const Hdf5Handle space(H5Dget_space(array_.id()), H5Sclose);
  const int axes = H5Sget_simple_extent_ndims(space.id());
  std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(axes, 0)));
  H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  // Bounds first: their product is used as a number of bytes.
  std::int64_t row_bytes = 8;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const auto most = static_cast<hsize_t>(i == 0 ? kMostRows : kMostRowBytes / row_bytes);
    if (extents[i] == 0 || extents[i] > most)
      throw DataError(place(), "has " + std::to_string(extents[i]) + " entries along axis " +
                                   std::to_string(i) + "; from 1 to " + std::to_string(most) +
                                   " can be read.");
    sizes_.push_back(static_cast<std::int64_t>(extents[i]));
    if (i > 0) row_bytes *= sizes_.back();
  }
  if (sizes_.empty()) throw DataError(place(), "is a single number, no array.");
}

std::string Hdf5Array::place() const { return path_.string() + ": " + name_; }

std::string Hdf5Array::shape_text() const {
  std::string text;
  for (const auto size : sizes_) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

bool Hdf5Array::is_integer() const { return H5Tget_class(type_.id()) == H5T_INTEGER; }

bool Hdf5Array::is_uint8() const {
  return is_integer() && H5Tget_size(type_.id()) == 1 && H5Tget_sign(type_.id()) == H5T_SGN_NONE;
}

std::optional<std::size_t> Hdf5Array::offset() const {
  const Hdf5Handle plan(H5Dget_create_plist(array_.id()), H5Pclose);
  if (H5Pget_layout(plan.id()) != H5D_CONTIGUOUS) return {};
  const haddr_t address = H5Dget_offset(array_.id());
  if (address == HADDR_UNDEF) return {};
  return static_cast<std::size_t>(address);
}

std::int64_t Hdf5Array::rows_per_block(std::int64_t row_bytes) const {
  std::int64_t chunk_rows = 1;
  const Hdf5Handle plan(H5Dget_create_plist(array_.id()), H5Pclose);
  if (H5Pget_layout(plan.id()) == H5D_CHUNKED) {
    std::vector<hsize_t> chunk(sizes_.size());
    if (H5Pget_chunk(plan.id(), static_cast<int>(chunk.size()), chunk.data()) > 0)
      chunk_rows =
          static_cast<std::int64_t>(std::clamp<hsize_t>(chunk[0], 1, static_cast<hsize_t>(rows())));
  }
  // Whole chunks, so that each is unpacked once.
  const auto chunks = std::max<std::int64_t>(1, kBlockBytes / row_bytes / chunk_rows);
  return chunks * chunk_rows;
}

Tensor Hdf5Array::read(const Tensor& rows, torch::ScalarType type) const {
  auto shape = sizes_;
  shape[0] = rows.size(0);
  std::int64_t row_bytes = type == torch::kUInt8 ? 1 : type == torch::kLong ? 8 : 4;
  for (std::size_t i = 1; i < shape.size(); ++i) row_bytes *= shape[i];
  const auto block = std::min(rows_per_block(row_bytes), this->rows());
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
  std::vector<hsize_t> first(sizes_.size(), 0);
  std::vector<hsize_t> count(sizes_.begin(), sizes_.end());
  first[0] = static_cast<hsize_t>(begin);
  count[0] = static_cast<hsize_t>(end - begin);
  const Hdf5Handle from(H5Dget_space(array_.id()), H5Sclose);
  const Hdf5Handle to(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr),
                      H5Sclose);
  const bool good = H5Sselect_hyperslab(from.id(), H5S_SELECT_SET, first.data(), nullptr,
                                        count.data(), nullptr) >= 0 &&
                    H5Dread(array_.id(), memory_type(out.scalar_type()), to.id(), from.id(),
                            H5P_DEFAULT, out.data_ptr()) >= 0;
  if (!good) {
    throw DataError(place(), "rows " + std::to_string(begin) + " to " + std::to_string(end - 1) +
                                 " cannot be read: " + last_error() + ".");
  }
}

}  // namespace varia::datasets
