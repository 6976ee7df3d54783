#include "hdf5/dataset.hpp"

#include <algorithm>
#include <utility>

#include "hdf5/text.hpp"
#include "varia/error.hpp"

namespace varia::hdf5 {

namespace {

constexpr unsigned kDeflate = 4;

/// Bytes that one byte of a compressed data set unpacks to, at most: a little above what Deflate
/// reaches (1,032).
constexpr hsize_t kMostPacked = 1100;

Handle select_box(const Object& dataset, const Shape& start, const Shape& count) {
  Handle space(H5Dget_space(dataset.id));
  const Shape shape = shape_of(dataset);
  if (start.size() != shape.size() || count.size() != shape.size()) {
    damaged(dataset, "expected " + std::to_string(start.size()) + " axes, found " +
                         std::to_string(shape.size()));
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (start[i] < 0 || count[i] < 0 || start[i] > shape[i] || count[i] > shape[i] - start[i]) {
      damaged(dataset, "its axis " + std::to_string(i) + " has " + std::to_string(shape[i]) +
                           " entries, too few");
    }
  }
  if (H5Sselect_hyperslab(space, H5S_SELECT_SET, extents(start).data(), nullptr,
                          extents(count).data(), nullptr) < 0) {
    fail(*dataset.file, "no such part of " + dataset.name);
  }
  return space;
}

bool lies_elsewhere(hid_t create) {
  return H5Pget_external_count(create) > 0 || H5Pget_layout(create) == H5D_VIRTUAL;
}

/// True if the file has room for the elements as they are, and the data set claims that much.
bool is_stored(const Object& dataset, std::int64_t elements) {
  const Handle type(H5Dget_type(dataset.id));
  const std::size_t size = H5Tget_size(type);
  hsize_t file_size = 0;
  const Handle file(H5Iget_file_id(dataset.id));
  H5Fget_filesize(file, &file_size);
  return size > 0 && static_cast<hsize_t>(elements) <= file_size / size &&
         H5Dget_storage_size(dataset.id) >= static_cast<hsize_t>(elements) * size;
}

/// Filters and their parameters, in order.
using Filters = std::vector<std::pair<H5Z_filter_t, std::vector<unsigned>>>;

/// The filters of a data set of bytes in chunks, as far as a raw copy depends on them; nullopt if
/// its chunks cannot be copied.
std::optional<Filters> filters_of(const Object& dataset) {
  const Handle type(H5Dget_type(dataset.id));
  const Handle create(H5Dget_create_plist(dataset.id));
  if (H5Tequal(type, H5T_STD_U8LE) <= 0 || H5Pget_layout(create) != H5D_CHUNKED) {
    return std::nullopt;
  }
  Filters result;
  const int filters = H5Pget_nfilters(create);
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t count = 8;
    std::vector<unsigned> values(count);
    const H5Z_filter_t filter =
        H5Pget_filter2(create, i, &flags, &count, values.data(), 0, nullptr, &config);
    if (filter < 0 || count > values.size()) return std::nullopt;
    values.resize(filter == H5Z_FILTER_DEFLATE ? 0 : count);  // any level inflates alike
    result.emplace_back(filter, values);
  }
  return result;
}

/// The filters of a data set, in order.
std::vector<H5Z_filter_t> filter_ids(hid_t create) {
  std::vector<H5Z_filter_t> filters;
  const int count = H5Pget_nfilters(create);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0;
    unsigned config = 0;
    std::size_t values = 0;
    filters.push_back(H5Pget_filter2(create, i, &flags, &values, nullptr, 0, nullptr, &config));
  }
  return filters;
}

[[noreturn]] void fail_to_read(const Object& dataset) {
  // HDF5 looks for a filter that it does not have in a folder of plugins, and then says no more
  // than that this folder cannot be opened.
  const Handle create(H5Dget_create_plist(dataset.id));
  for (const H5Z_filter_t filter : filter_ids(create)) {
    if (filter < 0 || H5Zfilter_avail(filter) > 0) continue;
    H5Eclear2(H5E_DEFAULT);
    fail(*dataset.file, dataset.name + " is packed by the HDF5 filter " + std::to_string(filter) +
                            ", which is not on this machine. Set HDF5_PLUGIN_PATH to the folder "
                            "that has it, or repack the file where it is: h5repack -f GZIP=4");
  }
  unreadable(*dataset.file, dataset.name);
}

/// Throws unless the values lie in the file, behind filters and of a type that Varia writes: others
/// may read other files, or run code that HDF5 loads.
void require_as_written(const Object& dataset) {
  const Handle create(H5Dget_create_plist(dataset.id));
  if (lies_elsewhere(create)) damaged(dataset, "its values lie in other files");
  std::vector<H5Z_filter_t> rest = {H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE, H5Z_FILTER_FLETCHER32};
  for (const H5Z_filter_t filter : filter_ids(create)) {
    if (std::erase(rest, filter) == 0)
      damaged(dataset, "it is stored with the filter " + std::to_string(filter));
  }
  const Handle type(H5Dget_type(dataset.id));
  const H5T_class_t kind = H5Tget_class(type);
  const bool is_number = (kind == H5T_INTEGER || kind == H5T_FLOAT) && H5Tget_size(type) <= 8;
  if (!is_number && kind != H5T_STRING) damaged(dataset, "its type is not the expected one");
}

Shape without_leading_ones(const Shape& shape) {
  std::size_t first = 0;
  while (first < shape.size() && shape[first] == 1) ++first;
  return {shape.begin() + static_cast<std::ptrdiff_t>(first), shape.end()};
}

}  // namespace

Object create_dataset(const Object& parent, const std::string& name, hid_t type, const Shape& shape,
                      const Shape& chunk, hid_t memory_type, const void* fill) {
  Object dataset{Handle(), parent.file, child_name(parent, name)};
  if (exists(parent, name)) {
    fail(*parent.file,
         "two things would be stored as " + dataset.name + "; give one of them another name (as:)");
  }
  const Handle space = make_space(dataset, shape);
  const Handle create(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_obj_track_times(create, false);
  H5Pset_attr_creation_order(create, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED);
  H5Pset_attr_phase_change(create, 64, 32);
  if (fill != nullptr) H5Pset_fill_value(create, memory_type, fill);
  const Handle access(H5Pcreate(H5P_DATASET_ACCESS));
  if (!chunk.empty() && count_of(shape) > 0) {
    H5Pset_chunk(create, static_cast<int>(chunk.size()), extents(chunk).data());
    if (H5Tget_size(type) > 1) H5Pset_shuffle(create);
    H5Pset_deflate(create, kDeflate);
    H5Pset_fletcher32(create);  // a value that was changed cannot be read
    // Room in the cache for one chunk, however large, so that rows may come one by one.
    const std::size_t bytes = static_cast<std::size_t>(count_of(chunk)) * H5Tget_size(type);
    if (bytes > (std::size_t{1} << 20)) H5Pset_chunk_cache(access, 521, bytes, 1.0);
  }
  dataset.id =
      Handle(H5Dcreate2(parent.id, name.c_str(), type, space, H5P_DEFAULT, create, access));
  if (!dataset.id.valid()) fail(*parent.file, dataset.name + " cannot be written");
  return dataset;
}

void write_all(const Object& dataset, hid_t memory_type, const void* values) {
  if (count_of(shape_of(dataset)) == 0) return;
  if (H5Dwrite(dataset.id, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    fail(*dataset.file, dataset.name + " cannot be written");
  }
}

void write_box(const Object& dataset, const Shape& start, const Shape& count, hid_t memory_type,
               const void* values) {
  if (count_of(count) == 0) return;
  const Handle file_space = select_box(dataset, start, count);
  const Handle memory_space = make_space(dataset, count);
  if (H5Dwrite(dataset.id, memory_type, memory_space, file_space, H5P_DEFAULT, values) < 0) {
    fail(*dataset.file, dataset.name + " cannot be written");
  }
}

Object write_texts(const Object& parent, const std::string& name, const Shape& shape,
                   const std::vector<std::string>& texts) {
  const Handle type = text_type();
  Object dataset = create_dataset(parent, name, type, shape, {}, type, nullptr);
  if (texts.empty()) return dataset;
  const Handle transfer = text_transfer(static_cast<std::int64_t>(texts.size()));
  if (H5Dwrite(dataset.id, type, H5S_ALL, H5S_ALL, transfer, pointers(texts).data()) < 0) {
    fail(*dataset.file, dataset.name + " cannot be written");
  }
  return dataset;
}

namespace {

/// Throws an error that names data sets of a group in place of which one is expected.
[[noreturn]] void refuse_group(const Object& parent, const std::string& name) {
  constexpr std::size_t kMost = 10;
  const auto inside = dataset_names(open_group(parent, name), kMost);
  std::string text = child_name(parent, name) + ": is a group, and a data set is expected";
  for (std::size_t i = 0; i < inside.size(); ++i)
    text.append(i == 0 ? ". It has: " : ", ").append(name).append("/").append(inside[i]);
  throw DataError(parent.file->path, text);
}

/// @param bytes of the cache of unpacked chunks
hid_t dataset_access(std::size_t bytes) {
  Handle list = link_access(H5P_DATASET_ACCESS);
  H5Pset_chunk_cache(list, 521, bytes, 0.75);
  return list.release();
}

}  // namespace

Object open_dataset(const Object& parent, const std::string& name) {
  static const hid_t of_results = dataset_access(std::size_t{8} << 20);
  // Data is read in whole chunks, once each.
  static const hid_t of_data = dataset_access(0);
  const hid_t access = parent.file->is_data ? of_data : of_results;
  Object dataset{Handle(H5Dopen2(parent.id, name.c_str(), access)), parent.file,
                 child_name(parent, name)};
  if (!dataset.id.valid()) {
    if (parent.file->is_data && is_group(parent, name)) refuse_group(parent, name);
    cannot_open(parent, "data set", name);
  }
  if (!dataset.file->is_data) require_as_written(dataset);
  return dataset;
}

Shape shape_of(const Object& dataset) {
  const Handle space(H5Dget_space(dataset.id));
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0) damaged(dataset, "it has no shape");
  std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(space, sizes.data(), nullptr);
  Shape shape;
  for (const hsize_t size : sizes) {
    if (size > (hsize_t{1} << 40)) damaged(dataset, "an axis is absurdly long");
    shape.push_back(static_cast<std::int64_t>(size));
  }
  return shape;
}

Shape chunk_of(const Object& dataset) {
  const Handle create(H5Dget_create_plist(dataset.id));
  if (H5Pget_layout(create) != H5D_CHUNKED) return {};
  std::vector<hsize_t> sizes(H5S_MAX_RANK);
  const int rank = H5Pget_chunk(create, H5S_MAX_RANK, sizes.data());
  if (rank < 0) damaged(dataset, "it has no chunks");
  return {sizes.begin(), sizes.begin() + rank};
}

bool is_elsewhere(const Object& dataset) {
  return lies_elsewhere(Handle(H5Dget_create_plist(dataset.id)));
}

std::optional<std::uint64_t> offset_of(const Object& dataset) {
  const Handle create(H5Dget_create_plist(dataset.id));
  if (H5Pget_layout(create) != H5D_CONTIGUOUS || is_elsewhere(dataset)) return std::nullopt;
  const haddr_t address = H5Dget_offset(dataset.id);
  if (address == HADDR_UNDEF) return std::nullopt;
  return address;
}

std::vector<std::string> dataset_names(const Object& group, std::size_t most) {
  std::pair<std::vector<std::string>, std::size_t> found{{}, most};
  H5Lvisit(
      group.id, H5_INDEX_NAME, H5_ITER_INC,
      [](hid_t parent, const char* name, const H5L_info_t*, void* data) -> herr_t {
        auto& [names, most] = *static_cast<decltype(found)*>(data);
        if (names.size() >= most) return 1;
        static const hid_t access = link_access(H5P_LINK_ACCESS).release();
        const Handle object(H5Oopen(parent, name, access));
        if (object.valid() && H5Iget_type(object) == H5I_DATASET) names.emplace_back(name);
        return 0;
      },
      &found);
  H5Eclear2(H5E_DEFAULT);
  return std::move(found.first);
}

void require(const Object& dataset, int rank, H5T_class_t type_class) {
  const auto found = static_cast<int>(shape_of(dataset).size());
  if (found != rank) {
    damaged(dataset, "expected " + std::to_string(rank) + " axes, found " + std::to_string(found));
  }
  if (class_of(dataset) != type_class) damaged(dataset, "its type is not the expected one");
}

namespace {

/// What was never written would be read as zeros. Rows may be missing: those of trials without a
/// picture.
void require_something_stored(const Object& dataset) {
  if (H5Dget_storage_size(dataset.id) == 0) damaged(dataset, "its values are missing");
}

}  // namespace

void require_sane(const Object& dataset, std::int64_t elements) {
  if (elements > kMaxElements) damaged(dataset, "too large to be read at once");
  if (elements == 0 || is_stored(dataset, elements)) return;
  const Handle create(H5Dget_create_plist(dataset.id));
  if (H5Pget_layout(create) == H5D_CHUNKED) {
    const Handle type(H5Dget_type(dataset.id));
    const hsize_t bytes = static_cast<hsize_t>(elements) * H5Tget_size(type);
    if ((bytes - 1) / kMostPacked < H5Dget_storage_size(dataset.id)) return;
  }
  damaged(dataset, "its values are missing");
}

void require_stored(const Object& dataset, std::int64_t elements) {
  if (elements == 0) return;
  const Handle create(H5Dget_create_plist(dataset.id));
  if (H5Pget_layout(create) != H5D_CONTIGUOUS || !is_stored(dataset, elements)) {
    damaged(dataset, "its values are missing");
  }
}

void read_all(const Object& dataset, hid_t memory_type, void* values) {
  if (count_of(shape_of(dataset)) == 0) return;
  if (H5Dread(dataset.id, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    fail_to_read(dataset);
  }
}

void read_box(const Object& dataset, const Shape& start, const Shape& count, hid_t memory_type,
              void* values) {
  const Handle file_space = select_box(dataset, start, count);
  if (count_of(count) == 0) return;
  require_something_stored(dataset);
  const Handle memory_space = make_space(dataset, count);
  if (H5Dread(dataset.id, memory_type, memory_space, file_space, H5P_DEFAULT, values) < 0) {
    fail_to_read(dataset);
  }
}

std::vector<std::string> read_texts(const Object& dataset) {
  const Handle type(H5Dget_type(dataset.id));
  const std::int64_t count = count_of(shape_of(dataset));
  require_sane(dataset, count);
  return read_text(dataset, type, static_cast<std::size_t>(count),
                   [&](hid_t memory, hid_t transfer, void* data) {
                     return H5Dread(dataset.id, memory, H5S_ALL, H5S_ALL, transfer, data);
                   });
}

std::vector<std::string> read_texts(const Object& dataset, const Shape& start, const Shape& count) {
  const Handle type(H5Dget_type(dataset.id));
  const Handle file_space = select_box(dataset, start, count);
  const std::int64_t elements = count_of(count);
  if (elements > kMaxElements) damaged(dataset, "too large to be read at once");
  if (elements > 0) require_something_stored(dataset);
  const Handle memory_space = make_space(dataset, count);
  return read_text(dataset, type, static_cast<std::size_t>(elements),
                   [&](hid_t memory, hid_t transfer, void* data) {
                     return H5Dread(dataset.id, memory, memory_space, file_space, transfer, data);
                   });
}

void copy_dataset(const Object& dataset, const Object& parent, const std::string& name) {
  if (H5Ocopy(dataset.id, ".", parent.id, name.c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0)
    fail(*dataset.file, dataset.name + " cannot be copied");
}

bool copy_chunk(const Object& from, const Shape& from_offset, const Object& to,
                const Shape& to_offset) {
  const std::optional<Filters> filters = filters_of(from);
  if (!filters || filters != filters_of(to) ||
      without_leading_ones(chunk_of(from)) != without_leading_ones(chunk_of(to))) {
    return false;
  }
  const std::vector<hsize_t> source = extents(from_offset);
  const std::vector<hsize_t> target = extents(to_offset);
  hsize_t size = 0;
  if (H5Dget_chunk_storage_size(from.id, source.data(), &size) < 0 || size == 0 ||
      size > static_cast<hsize_t>(kMaxElements)) {
    H5Eclear2(H5E_DEFAULT);
    return false;
  }
  std::vector<std::uint8_t> bytes(size);
  std::uint32_t mask = 0;
  if (H5Dread_chunk(from.id, H5P_DEFAULT, source.data(), &mask, bytes.data()) < 0) {
    unreadable(*from.file, from.name);
  }
  if (H5Dwrite_chunk(to.id, H5P_DEFAULT, mask, target.data(), bytes.size(), bytes.data()) < 0) {
    fail(*to.file, to.name + " cannot be written");
  }
  return true;
}

}  // namespace varia::hdf5
